#include <ATen/Config.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <H5public.h>
#include <torch/version.h>
#include <vtkVersion.h>

#include <filesystem>
#include <iostream>

#include "apps/command.hpp"
#include "core/base/numbers.hpp"
#include "core/base/version.hpp"

namespace eddyline::apps {
namespace {

class Doctor final : public Command {
 public:
  explicit Doctor(const EmptyConfig&) {}
  std::string example() const override { return "eddyline doctor"; }
  void arguments(Arguments&) override {}
  ExitCode run() override {
    std::cout << "eddyline   " << version() << " (" << source_revision() << ")\n"
              << "machine    " << machine_description() << "\n"
              << "LibTorch   " << TORCH_VERSION << ", CPU kernels " << at::get_cpu_capability() << ", MKL "
              << (at::hasMKL() ? "yes" : "no") << ", CUDA " << (at::hasCUDA() ? "yes" : "no") << "\n"
              << "HDF5       " << H5_VERS_MAJOR << "." << H5_VERS_MINOR << "." << H5_VERS_RELEASE << "\n"
              << "VTK        " << vtkVersion::GetVTKVersion() << "\n";
    std::error_code code;
    const auto space = std::filesystem::space(".", code);
    if (!code) std::cout << "disk       " << format_bytes(static_cast<double>(space.available)) << " free here\n";
    for (const RegistryBase* registry : RegistryBase::all())
      std::cout << registry->kind()
                << std::string(std::max<std::size_t>(1, 11 - std::min<std::size_t>(10, registry->kind().size())), ' ')
                << join(registry->names(), ", ") << "\n";
    return ExitCode::ok;
  }
};

const CommandRegistration<Doctor> registration{"doctor", "what this build and this machine have"};

}  // namespace
}  // namespace eddyline::apps
