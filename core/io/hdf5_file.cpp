#include <algorithm>
#include <functional>

#include "core/base/error.hpp"
#include "core/io/hdf5_driver.hpp"
#include "core/io/hdf5_handle.hpp"
#include "core/io/hdf5_texts.hpp"

namespace eddyline::hdf5 {

File::File(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
File::~File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;

File File::open(const std::filesystem::path& path) {
  const std::scoped_lock lock(library_mutex());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);  // a file must not make us load filters from elsewhere
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) throw IoError("there is no file '" + path.string() + "'");
  auto handle = std::make_unique<Handle>();
  handle->path = path;
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  handle->checked(set_driver(access, handle->first_error), "", "choosing the driver");
  handle->id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, access);
  if (handle->id < 0) {
    const std::string reason = library_error();
    const bool locked = reason.find("lock") != std::string::npos;
    throw DataError("'" + path.string() + "' (" + std::to_string(std::filesystem::file_size(path, code)) + " bytes): " +
                    (locked ? "another process is writing it" : "not a whole HDF5 file; truncated or damaged") + " (" +
                    reason + ")");
  }
  if (H5Aexists(handle->id, text_sum_name) > 0) {
    double stored = -1;
    const Id attribute(H5Aopen(handle->id, text_sum_name, H5P_DEFAULT), H5Aclose);
    if (H5Aread(attribute, H5T_NATIVE_DOUBLE, &stored) < 0 || stored != static_cast<double>(text_sum(handle->id)))
      throw DataError("'" + path.string() + "': its texts differ from their checksum: damaged");
  }
  return File(std::move(handle));
}

File File::create(const std::filesystem::path& path) {
  const std::scoped_lock lock(library_mutex());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  auto handle = std::make_unique<Handle>();
  handle->path = path;
  handle->pending = std::make_unique<AtomicFile>(path);
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  // The newest format of 1.10 carries checksums on its metadata.
  handle->checked(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110), "", "choosing the file format");
  handle->checked(set_driver(access, handle->first_error), "", "choosing the driver");
  const Id root(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  handle->checked(H5Pset_obj_track_times(root, false), "", "preparing");  // the same content, the same bytes
  handle->id =
      handle->checked(H5Fcreate(handle->pending->temporary().c_str(), H5F_ACC_TRUNC, root, access), "", "creating");
  return File(std::move(handle));
}

const std::filesystem::path& File::path() const { return handle_->path; }

bool File::exists(const std::string& name) const {
  const std::scoped_lock lock(library_mutex());
  return handle_->exists(name);
}

std::vector<std::string> File::links(const std::string& group) const {
  const std::scoped_lock lock(library_mutex());
  if (!handle_->exists(group)) return {};
  const Id id = handle_->object(group);
  std::vector<std::string> names;
  handle_->checked(H5Literate(
                       id, H5_INDEX_NAME, H5_ITER_INC, nullptr,
                       [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
                         static_cast<std::vector<std::string>*>(out)->emplace_back(name);
                         return 0;
                       },
                       &names),
                   group, "listing");
  return names;
}

bool File::is_group(const std::string& name) const {
  const std::scoped_lock lock(library_mutex());
  if (!handle_->exists(name)) return false;
  return H5Iget_type(handle_->object(name)) == H5I_GROUP;
}

DatasetInfo File::info(const std::string& dataset) const {
  const std::scoped_lock lock(library_mutex());
  return handle_->info(dataset, handle_->dataset(dataset));
}

void File::make_group(const std::string& name) {
  const std::scoped_lock lock(library_mutex());
  handle_->make_parents(name);
  handle_->make_group(name);
}

void File::commit() {
  const std::scoped_lock lock(library_mutex());
  handle_->checked(H5Fflush(handle_->id, H5F_SCOPE_GLOBAL), "", "flushing");  // the sum is taken of what is on disk
  set_attribute("/", text_sum_name, text_sum(handle_->id));
  handle_->checked(H5Fflush(handle_->id, H5F_SCOPE_GLOBAL), "", "flushing");
  handle_->check_written();
  handle_->checked(H5Fclose(std::exchange(handle_->id, -1)), "", "closing");
  handle_->check_written();
  // The file must open again before it may take the target's name.
  const hid_t again = H5Fopen(handle_->pending->temporary().c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  handle_->checked(again, "", "checking");
  handle_->checked(H5Fclose(again), "", "closing");
  handle_->pending->commit();
}

}  // namespace eddyline::hdf5
