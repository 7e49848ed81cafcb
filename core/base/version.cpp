#include "core/base/version.hpp"

#include <sys/utsname.h>

#include <fstream>
#include <thread>

namespace eddyline {

const char* version() { return EDDYLINE_VERSION; }
const char* source_revision() { return EDDYLINE_SOURCE_REVISION; }

std::string machine_description() {
  std::string text;
  utsname system{};
  if (uname(&system) == 0) text = std::string(system.sysname) + " " + system.release + " " + system.machine;
  std::ifstream cpus("/proc/cpuinfo");
  for (std::string line; std::getline(cpus, line);) {
    if (!line.starts_with("model name")) continue;
    text += ", " + line.substr(line.find(':') + 2);
    break;
  }
  return text + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads";
}

}  // namespace eddyline
