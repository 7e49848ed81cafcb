#include <ATen/ATen.h>

#include <algorithm>
#include <cerrno>

#include "core/io/hdf5_handle.hpp"
#include "core/io/hdf5_texts.hpp"

namespace eddyline::hdf5 {

at::Tensor File::read(const std::string& dataset) const {
  const DatasetInfo whole = info(dataset);
  return read(dataset, std::vector<std::int64_t>(whole.shape.size(), 0), whole.shape);
}

at::Tensor File::read(const std::string& dataset, const std::vector<std::int64_t>& start,
                      const std::vector<std::int64_t>& count) const {
  const std::scoped_lock lock(library_mutex());
  const Id set = handle_->dataset(dataset);
  const DatasetInfo whole = handle_->info(dataset, set);
  if (whole.type == Type::string) handle_->fail(dataset, "holds texts where numbers are expected");
  if (start.size() != whole.shape.size() || count.size() != whole.shape.size())
    handle_->fail(dataset,
                  "has " + std::to_string(whole.shape.size()) + " axes, expected " + std::to_string(start.size()));
  std::int64_t bytes = static_cast<std::int64_t>(c10::elementSize(scalar_type(whole.type)));
  for (std::size_t axis = 0; axis < start.size(); ++axis) {
    if (start[axis] < 0 || count[axis] < 0 || start[axis] + count[axis] > whole.shape[axis])
      handle_->fail(dataset, "axis " + std::to_string(axis) + " has " + std::to_string(whole.shape[axis]) +
                                 " entries, " + std::to_string(start[axis] + count[axis]) + " are asked for");
    bytes *= count[axis];
  }
  handle_->check_filters(dataset, set, bytes);
  at::Tensor values = at::empty(count, at::TensorOptions(scalar_type(whole.type)));
  if (values.numel() == 0) return values;
  const Id file_space = handle_->block(dataset, set, start, count);
  const Id memory_space(H5Screate_simple(static_cast<int>(count.size()), extents(count).data(), nullptr), H5Sclose);
  const Id bools = boolean_type();
  const hid_t type = whole.type == Type::boolean ? static_cast<hid_t>(bools) : native(whole.type);
  if (H5Dread(set, type, memory_space, file_space, H5P_DEFAULT, values.mutable_data_ptr()) < 0)
    handle_->fail(dataset, "its data are damaged or cut (" + library_error() + ")");
  return values;
}

std::vector<std::string> File::read_strings(const std::string& dataset) const {
  const std::scoped_lock lock(library_mutex());
  const Id set = handle_->dataset(dataset);
  const DatasetInfo whole = handle_->info(dataset, set);
  const Id type(H5Dget_type(set), H5Tclose);
  if (whole.type != Type::string || H5Tis_variable_str(type) <= 0)
    handle_->fail(dataset, "holds no variable-length texts");
  std::int64_t count = 1;
  for (const auto size : whole.shape) count *= size;
  handle_->check_filters(dataset, set, count * static_cast<std::int64_t>(H5Tget_size(type)));
  auto texts = read_texts(handle_->id, type, static_cast<std::size_t>(count), [&](hid_t memory, void* out) {
    return H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
  });
  if (!texts) handle_->fail(dataset, "its texts are damaged or cut");
  return std::move(*texts);
}

void File::make_dataset(const std::string& dataset, const std::vector<std::int64_t>& shape, Type type,
                        std::vector<std::int64_t> chunk) {
  const std::scoped_lock lock(library_mutex());
  const Id space(shape.empty() ? H5Screate(H5S_SCALAR)
                               : H5Screate_simple(static_cast<int>(shape.size()), extents(shape).data(), nullptr),
                 H5Sclose);
  handle_->make_parents(dataset);
  const Id plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  handle_->checked(H5Pset_obj_track_times(plan, false), dataset, "preparing");
  double bytes = static_cast<double>(H5Tget_size(native(type)));
  for (const auto length : shape) bytes *= static_cast<double>(length);
  handle_->planned_bytes += bytes;
  const bool is_chunked = !shape.empty() && std::find(shape.begin(), shape.end(), 0) == shape.end();
  if (is_chunked) {
    if (chunk.size() != shape.size()) chunk = shape;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
      chunk[axis] = std::clamp<std::int64_t>(chunk[axis], 1, shape[axis]);
    handle_->checked(H5Pset_chunk(plan, static_cast<int>(chunk.size()), extents(chunk).data()), dataset,
                     "choosing chunks of");
    handle_->checked(H5Pset_fletcher32(plan), dataset, "choosing checksums of");
  }
  const Id bools = boolean_type();
  const hid_t stored = type == Type::boolean ? static_cast<hid_t>(bools) : native(type);
  const Id set(handle_->checked(H5Dcreate2(handle_->id, dataset.c_str(), stored, space, H5P_DEFAULT, plan, H5P_DEFAULT),
                                dataset, "creating"),
               H5Dclose);
}

void File::write(const std::string& dataset, const at::Tensor& values, std::vector<std::int64_t> chunk) {
  make_dataset(dataset, values.sizes().vec(), type_of(values), std::move(chunk));
  write_block(dataset, std::vector<std::int64_t>(static_cast<std::size_t>(values.dim()), 0), values);
}

void File::write_block(const std::string& dataset, const std::vector<std::int64_t>& start, const at::Tensor& values) {
  const std::scoped_lock lock(library_mutex());
  if (FailureInjection::strikes()) throw_io_error(handle_->path, "write", ENOSPC, handle_->planned_bytes);
  Id set = handle_->dataset(dataset);
  const at::Tensor whole = values.contiguous();
  if (whole.numel() == 0) return;
  const auto count = whole.sizes().vec();
  const Id file_space = handle_->block(dataset, set, start, count);
  const Id memory_space(H5Screate_simple(static_cast<int>(count.size()), extents(count).data(), nullptr), H5Sclose);
  const Id bools = boolean_type();
  const Type type = type_of(whole);
  handle_->checked(H5Dwrite(set, type == Type::boolean ? static_cast<hid_t>(bools) : native(type), memory_space,
                            file_space, H5P_DEFAULT, whole.const_data_ptr()),
                   dataset, "writing");
  handle_->checked(set.finish(), dataset, "writing");
  handle_->check_written();
}

void File::write_strings(const std::string& dataset, const std::vector<std::string>& values) {
  const std::scoped_lock lock(library_mutex());
  const hsize_t count = values.size();
  const Id space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  const Id type = string_type();
  handle_->make_parents(dataset);
  const Id plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  handle_->checked(H5Pset_obj_track_times(plan, false), dataset, "preparing");
  // What is stored are references to the texts, which HDF5 follows wherever they lead: where they are few they go into
  // the object's header, which has a checksum.
  constexpr hsize_t most_in_header = 2000;
  if (count <= most_in_header) handle_->checked(H5Pset_layout(plan, H5D_COMPACT), dataset, "choosing the layout of");
  const Id set(handle_->checked(H5Dcreate2(handle_->id, dataset.c_str(), type, space, H5P_DEFAULT, plan, H5P_DEFAULT),
                                dataset, "creating"),
               H5Dclose);
  const auto write = [](hid_t id, hid_t memory, const void* data) {
    return H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  };
  handle_->checked(write_texts(set, write, values), dataset, "writing");
}

}  // namespace eddyline::hdf5
