#include "core/io/vtk_writer.hpp"

#include <ATen/ATen.h>
#include <vtkCellData.h>
#include <vtkDoubleArray.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkInformationStringKey.h>
#include <vtkNew.h>
#include <vtkRectilinearGrid.h>
#include <vtkSmartPointer.h>
#include <vtkStringArray.h>
#include <vtkXMLImageDataWriter.h>
#include <vtkXMLRectilinearGridWriter.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/safe_name.hpp"

namespace eddyline {
namespace {

/// 0, 1 or 2 for a vector component, -1 for a scalar.
int component_of(const Channel& channel) {
  switch (channel.kind) {
    case ChannelKind::vector_x:
      return 0;
    case ChannelKind::vector_y:
      return 1;
    case ChannelKind::vector_z:
      return 2;
    default:
      return -1;
  }
}

/// "velocity" for "velocity_x"; the whole name when the suffix is missing.
std::string vector_name(const std::string& channel, int component) {
  const std::string suffix = std::string("_") + "xyz"[component];
  return channel.ends_with(suffix) ? channel.substr(0, channel.size() - suffix.size()) : channel;
}

template <class VtkArrayType, class Real>
vtkSmartPointer<vtkDataArray> filled(const VtkArray& array, const Grid& grid, at::ScalarType type) {
  const auto shape = grid.cell_shape();
  const std::int64_t cells = grid.partition().owned();
  const auto components = static_cast<int>(array.components.size());
  auto out = vtkSmartPointer<VtkArrayType>::New();
  out->SetNumberOfComponents(components);
  out->SetNumberOfTuples(cells);
  Real* target = out->GetPointer(0);
  for (int c = 0; c < components; ++c) {
    const at::Tensor& values = array.components[static_cast<std::size_t>(c)];
    if (values.sizes() != at::IntArrayRef(shape)) {
      std::vector<std::string> have, want;
      for (const auto length : values.sizes()) have.push_back(std::to_string(length));
      for (const auto length : shape) want.push_back(std::to_string(length));
      throw ShapeError("array '" + printable(array.name) + "' has shape [" + join(have, ", ") +
                       "], the grid's cells are [" + join(want, ", ") + "]");
    }
    const at::Tensor flat = values.detach().to(at::kCPU, type).contiguous();
    const Real* source = flat.const_data_ptr<Real>();
    for (std::int64_t i = 0; i < cells; ++i) target[i * components + c] = source[i];
  }
  return out;
}

void add_text(vtkFieldData* data, const char* name, const std::string& text) {
  vtkNew<vtkStringArray> array;
  array->SetName(name);
  array->InsertNextValue(printable(text));
  data->AddArray(array);
}

void add_arrays(vtkDataSet& target, const VtkGridFrame& frame, const VtkOptions& options) {
  for (const VtkArray& array : frame.arrays) {
    const auto values = options.double_precision ? filled<vtkDoubleArray, double>(array, *frame.grid, at::kDouble)
                                                 : filled<vtkFloatArray, float>(array, *frame.grid, at::kFloat);
    values->SetName(safe_array_name(array.name).c_str());
    values->GetInformation()->Set(vtkDataArray::UNITS_LABEL(), printable(array.unit).c_str());
    target.GetCellData()->AddArray(values);
  }
  vtkNew<vtkDoubleArray> time;
  time->SetName("TimeValue");
  time->InsertNextValue(frame.time);
  target.GetFieldData()->AddArray(time);
  add_text(target.GetFieldData(), "LengthUnit", frame.length_unit);
  add_text(target.GetFieldData(), "TimeUnit", frame.time_unit);
}

std::string written(vtkXMLWriter& writer, vtkDataSet& data) {
  writer.SetInputDataObject(&data);
  writer.WriteToOutputStringOn();
  writer.SetDataModeToAppended();
  writer.EncodeAppendedDataOff();
  writer.SetHeaderTypeToUInt64();
  if (writer.Write() != 1) throw ResourceError("VTK could not compose a file in memory");
  return writer.GetOutputString();
}

std::array<int, 3> point_counts(const Grid& grid) {
  std::array<int, 3> counts = {1, 1, 1};
  for (int axis = 0; axis < grid.dimension(); ++axis)
    counts[static_cast<std::size_t>(axis)] = static_cast<int>(grid.cells(axis) + 1);
  return counts;
}

std::string image_bytes(const VtkGridFrame& frame, const VtkOptions& options) {
  vtkNew<vtkImageData> image;
  const Grid& grid = *frame.grid;
  image->SetDimensions(point_counts(grid).data());
  std::array<double, 3> origin = {0, 0, 0}, spacing = {1, 1, 1};
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    origin[i] = grid.low(axis);
    spacing[i] = (grid.high(axis) - grid.low(axis)) / static_cast<double>(grid.cells(axis));
  }
  image->SetOrigin(origin.data());
  image->SetSpacing(spacing.data());
  add_arrays(*image, frame, options);
  vtkNew<vtkXMLImageDataWriter> writer;
  return written(*writer, *image);
}

std::string rectilinear_bytes(const VtkGridFrame& frame, const VtkOptions& options) {
  vtkNew<vtkRectilinearGrid> data;
  const Grid& grid = *frame.grid;
  data->SetDimensions(point_counts(grid).data());
  for (int axis = 0; axis < 3; ++axis) {
    vtkNew<vtkDoubleArray> line;
    if (axis < grid.dimension()) {
      for (const double node : grid.nodes(axis)) line->InsertNextValue(node);
    } else {
      line->InsertNextValue(0);
    }
    if (axis == 0) data->SetXCoordinates(line);
    if (axis == 1) data->SetYCoordinates(line);
    if (axis == 2) data->SetZCoordinates(line);
  }
  add_arrays(*data, frame, options);
  vtkNew<vtkXMLRectilinearGridWriter> writer;
  return written(*writer, *data);
}

}  // namespace

std::vector<VtkArray> vtk_arrays(const State& state, const std::vector<Channel>& channels, const std::string& prefix) {
  const at::Tensor cells = cell_tensor(state, channel_names(channels));
  std::vector<VtkArray> arrays;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const at::Tensor values = cells[static_cast<std::int64_t>(c)];
    const int component = component_of(channels[c]);
    if (component < 0) {
      arrays.push_back({prefix + channels[c].name, channels[c].unit, {values}});
      continue;
    }
    const std::string name = prefix + vector_name(channels[c].name, component);
    auto array = std::find_if(arrays.begin(), arrays.end(), [&](const VtkArray& one) { return one.name == name; });
    if (array == arrays.end()) {
      const at::Tensor zero = at::zeros_like(values);
      array = arrays.insert(array, {name, channels[c].unit, {zero, zero, zero}});
    }
    array->components[static_cast<std::size_t>(component)] = values;
  }
  return arrays;
}

std::string vtk_extension(const Grid& grid) { return grid.is_uniform() ? ".vti" : ".vtr"; }

std::string vtk_bytes(const VtkGridFrame& frame, const VtkOptions& options) {
  return frame.grid->is_uniform() ? image_bytes(frame, options) : rectilinear_bytes(frame, options);
}

void write_vtk(const std::filesystem::path& path, const VtkGridFrame& frame, const VtkOptions& options) {
  write_atomically(path, vtk_bytes(frame, options));
}

namespace {

/// The value of an attribute in one line of XML that `PvdCollection` wrote.
std::string attribute_of(const std::string& line, const std::string& name) {
  const auto begin = line.find(" " + name + "=\"");
  if (begin == std::string::npos) return {};
  const auto first = begin + name.size() + 3;
  return line.substr(first, line.find('"', first) - first);
}

}  // namespace

PvdCollection::PvdCollection(std::filesystem::path path, std::optional<double> keep_until) : path_(std::move(path)) {
  if (keep_until && std::filesystem::exists(path_)) {
    std::istringstream text(read_file(path_));
    for (std::string line; std::getline(text, line);) {
      const auto time = parse_number(attribute_of(line, "timestep"));
      const std::string file = attribute_of(line, "file");
      if (time && *time <= *keep_until && !file.empty() && std::filesystem::exists(path_.parent_path() / file))
        entries_.emplace_back(*time, file);
    }
  }
  write();
}

void PvdCollection::add(double time, const std::string& file) {
  entries_.emplace_back(time, file);
  write();
}

void PvdCollection::write() const {
  std::string text =
      "<?xml version=\"1.0\"?>\n"
      "<VTKFile type=\"Collection\" version=\"0.1\" byte_order=\"LittleEndian\">\n  <Collection>\n";
  for (const auto& [time, file] : entries_)
    text += "    <DataSet timestep=\"" + format_number(time) + "\" group=\"\" part=\"0\" file=\"" + xml_escaped(file) +
            "\"/>\n";
  write_atomically(path_, text + "  </Collection>\n</VTKFile>\n");
}

}  // namespace eddyline
