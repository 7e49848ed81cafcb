#include "core/diagnosis/doctor.hpp"

#include <ATen/ATen.h>
#include <ATen/Config.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <H5public.h>
#include <torch/version.h>
#include <unistd.h>
#include <vtkVersion.h>

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <numbers>
#include <thread>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/registry.hpp"
#include "core/base/version.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/hdf5.hpp"
#include "core/io/picture.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

/// 128 samples of cos(2 pi 5 i / 128): its transform is 64 at the wave number 5 and 0 elsewhere.
HealthCheck check_fft() {
  constexpr std::int64_t count = 128, wave = 5;
  const at::Tensor i = at::arange(count, at::kDouble);
  const at::Tensor signal = at::cos(2 * std::numbers::pi * wave / count * i);
  const at::Tensor spectrum = at::fft_rfft(signal);
  at::Tensor expected = at::zeros({count / 2 + 1}, at::kComplexDouble);
  expected[wave] = static_cast<double>(count) / 2;
  const double error = std::max((spectrum - expected).abs().max().item<double>() / count,
                                (at::fft_irfft(spectrum, count) - signal).abs().max().item<double>());
  const bool good = error < 1e-13;
  return {
      "FFT", good ? Health::good : Health::bad,
      "error " + format_number(error, 2) + (good ? "" : "; LibTorch computes wrong transforms: install another build")};
}

/// A product of matrices of LibTorch against the sum that defines it.
HealthCheck check_products() {
  constexpr std::int64_t size = 67;  // no multiple of any vector length
  const at::Tensor index = at::arange(size * size, at::kDouble).reshape({size, size});
  const at::Tensor a = at::sin(index), b = at::cos(0.5 * index);
  const at::Tensor by_sum = (a.unsqueeze(2) * b.unsqueeze(0)).sum(1);
  const double in_double = (at::matmul(a, b) - by_sum).abs().max().item<double>();
  const double in_float =
      (at::matmul(a.to(at::kFloat), b.to(at::kFloat)).to(at::kDouble) - by_sum).abs().max().item<double>();
  const bool good = in_double < 1e-12 && in_float < 1e-4;
  return {"products", good ? Health::good : Health::bad,
          "error " + format_number(in_double, 2) + " in double, " + format_number(in_float, 2) +
              " in single precision" + (good ? "" : "; LibTorch computes wrong products: install another build")};
}

HealthCheck check_numbers() {
  const bool good = format_number(0.5) == "0.5" && parse_number("1.5e-3") == 0.0015 && !parse_number("1,5");
  const char* locale = std::setlocale(LC_NUMERIC, nullptr);  // asks, changes nothing
  return {"numbers", good ? Health::good : Health::bad,
          "written with a point in the locale " + std::string(locale == nullptr ? "C" : locale)};
}

HealthCheck check_drawing() {
  const bool good = text_width("t = 0.5", 13) > 10 && Canvas(8, 8).png().starts_with("\x89PNG");
  return {"pictures", good ? Health::good : Health::bad,
          good ? "drawn without a display" : "VTK draws no text or no PNG; install libvtk9 with its FreeType module"};
}

HealthCheck check_threads() {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  const char* set = std::getenv("OMP_NUM_THREADS");
  const std::string text = std::to_string(at::get_num_threads()) + " used, " + std::to_string(cores) + " cores" +
                           (set == nullptr ? "" : ", OMP_NUM_THREADS=" + std::string(set));
  if (at::get_num_threads() <= cores) return {"threads", Health::good, text};
  return {"threads", Health::doubtful, text + "; more threads than cores are slower, unset or lower OMP_NUM_THREADS"};
}

HealthCheck check_memory() {
  std::ifstream file("/proc/meminfo");
  double available = 0;
  for (std::string key, unit; file >> key;) {
    if (double value = 0; key == "MemAvailable:" && file >> value >> unit) available = value * 1024;
    file.ignore(256, '\n');
  }
  if (available == 0) return {"memory", Health::doubtful, "the system does not say how much is free"};
  constexpr double enough = 2.0 * 1024 * 1024 * 1024;
  return {"memory", available < enough ? Health::doubtful : Health::good,
          format_bytes(available) + " free" + (available < enough ? "; choose small batches and grids" : "")};
}

HealthCheck check_disk(const fs::path& folder) {
  const auto space = fs::space(folder);
  constexpr double enough = 1024.0 * 1024 * 1024;
  const auto available = static_cast<double>(space.available);
  return {"disk", available < enough ? Health::doubtful : Health::good,
          format_bytes(available) + " free in " + folder.string() +
              (available < enough ? "; make room before long runs" : "")};
}

fs::path scratch_file(const fs::path& folder, const std::string& extension) {
  return folder / (".eddyline-doctor-" + std::to_string(::getpid()) + extension);
}

/// Removes its file.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

HealthCheck check_files(const fs::path& folder) {
  const Scratch file(scratch_file(folder, ".txt"));
  write_atomically(file.path(), "whole");
  const bool good = read_file(file.path()) == "whole";
  return {"files", good ? Health::good : Health::bad, good ? "written whole" : "what is written does not read back"};
}

HealthCheck check_hdf5(const fs::path& folder) {
  const Scratch scratch(scratch_file(folder, ".h5"));
  const at::Tensor values = at::arange(64, at::kDouble);
  hdf5::File file = hdf5::File::create(scratch.path());
  file.write("values", values);
  file.commit();
  const bool good = at::equal(hdf5::File::open(scratch.path()).read("values"), values);
  const char* locks = std::getenv("HDF5_USE_FILE_LOCKING");
  return {"HDF5", good ? Health::good : Health::bad,
          std::string(good ? "written, locked and read back" : "what is written does not read back") +
              (locks == nullptr ? "" : ", HDF5_USE_FILE_LOCKING=" + std::string(locks))};
}

HealthCheck tried(const std::string& name, const std::string& remedy, const std::function<HealthCheck()>& check) {
  try {
    return check();
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return {name, Health::bad, what.substr(0, what.find('\n')) + (remedy.empty() ? "" : "; " + remedy)};
  }
}

}  // namespace

bool DoctorReport::healthy() const {
  return std::none_of(checks.begin(), checks.end(), [](const auto& check) { return check.health == Health::bad; });
}

std::string DoctorReport::text() const {
  std::size_t width = 0;
  for (const auto& [name, value] : facts) width = std::max(width, name.size());
  for (const auto& check : checks) width = std::max(width, check.name.size());
  const auto line = [&](const std::string& name, const std::string& value) {
    return name + std::string(width - name.size() + 2, ' ') + value + "\n";
  };
  std::string text;
  for (const auto& [name, value] : facts) text += line(name, value);
  for (const auto& check : checks) {
    const std::string verdict = check.health == Health::good ? "ok" : check.health == Health::doubtful ? "?" : "BAD";
    text += line(check.name, verdict + std::string(5 - verdict.size(), ' ') + check.text);
  }
  return text;
}

DoctorReport examine(const fs::path& folder) {
  DoctorReport report;
  report.facts = {{"eddyline", std::string(version()) + " (" + source_revision() + ")"},
                  {"machine", machine_description()},
                  {"LibTorch", std::string(TORCH_VERSION) + ", CPU kernels " + at::get_cpu_capability() + ", MKL " +
                                   (at::hasMKL() ? "yes" : "no") + ", CUDA " + (at::hasCUDA() ? "yes" : "no")},
                  {"HDF5", std::to_string(H5_VERS_MAJOR) + "." + std::to_string(H5_VERS_MINOR) + "." +
                               std::to_string(H5_VERS_RELEASE)},
                  {"VTK", vtkVersion::GetVTKVersion()}};
  for (const RegistryBase* registry : RegistryBase::all())
    report.facts.emplace_back(registry->kind(), join(registry->names(), ", "));
  report.checks = {tried("numbers", "", check_numbers),
                   tried("FFT", "", check_fft),
                   tried("products", "", check_products),
                   tried("pictures", "", check_drawing),
                   tried("threads", "", check_threads),
                   tried("memory", "", check_memory),
                   tried("disk", "choose another folder", [&] { return check_disk(folder); }),
                   tried("files", "choose a folder that can be written to", [&] { return check_files(folder); }),
                   tried("HDF5", "on file systems without locks set HDF5_USE_FILE_LOCKING=FALSE",
                         [&] { return check_hdf5(folder); })};
  return report;
}

}  // namespace eddyline
