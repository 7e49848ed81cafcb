#include "core/io/vtk_reader.hpp"

#include <ATen/ATen.h>
#include <vtkCellData.h>
#include <vtkCommand.h>
#include <vtkDataArray.h>
#include <vtkFieldData.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkInformationStringKey.h>
#include <vtkNew.h>
#include <vtkRectilinearGrid.h>
#include <vtkStreamingDemandDrivenPipeline.h>
#include <vtkStringArray.h>
#include <vtkXMLDataElement.h>
#include <vtkXMLDataParser.h>
#include <vtkXMLImageDataReader.h>
#include <vtkXMLRectilinearGridReader.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/split_list.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

/// Keeps VTK's complaints instead of printing them.
class Complaints final : public vtkCommand {
 public:
  static Complaints* New() { return new Complaints; }
  void Execute(vtkObject*, unsigned long, void* text) override {
    if (text_.empty() && text != nullptr) text_ = static_cast<const char*>(text);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw DataError("'" + path.string() + "' is damaged or no VTK grid file: " + why);
}

/// The line that says what is wrong; VTK's texts begin with source file, line and the address of an object.
std::string last_sentence(const std::string& text) {
  std::string sentence = "VTK cannot read it";
  for (const std::string& line : split_list(text, '\n'))
    if (line.find("ERROR:") == std::string::npos) sentence = printable(line);
  const auto address = sentence.find("): ");
  return address == std::string::npos ? sentence : sentence.substr(address + 3);
}

void check(const fs::path& path, vtkXMLReader& reader, const Complaints& complaints) {
  if (!complaints.text().empty()) refuse(path, last_sentence(complaints.text()));
  if (reader.GetErrorCode() != 0) refuse(path, "VTK cannot read it");
}

/// zlib and lz4 pack at most about a thousand to one: a file that claims more lies about its size.
void check_size(const fs::path& path, vtkXMLReader& reader) {
  constexpr double most_packed = 1100;
  std::array<int, 6> extent{};
  reader.GetOutputInformation(0)->Get(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT(), extent.data());
  double cells = 1;
  for (std::size_t axis = 0; axis < 3; ++axis)
    cells *= std::max(static_cast<double>(extent[2 * axis + 1]) - static_cast<double>(extent[2 * axis]), 1.0);
  const double bytes = cells * std::max(reader.GetNumberOfCellArrays(), 1);
  if (bytes > most_packed * static_cast<double>(fs::file_size(path)))
    refuse(path, "it names " + format_number(cells, 3) + " cells, more than its size can hold");
}

Grid grid_of(const fs::path& path, const std::array<std::vector<double>, 3>& nodes) {
  std::vector<std::vector<double>> used;
  for (const auto& axis : nodes) {
    if (axis.size() < 2) break;
    used.push_back(axis);
  }
  for (std::size_t axis = used.size(); axis < 3; ++axis)
    if (nodes[axis].size() > 1) refuse(path, "its cells do not lie along x, x and y, or x, y and z");
  if (used.empty()) refuse(path, "it has no cells");
  try {
    return Grid(used);
  } catch (const ConfigError& error) {
    refuse(path, error.what());
  }
}

Grid grid_of(const fs::path& path, vtkImageData& image) {
  std::array<std::vector<double>, 3> nodes;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const int first = image.GetExtent()[2 * axis], last = image.GetExtent()[2 * axis + 1];
    for (int i = first; i <= last; ++i) nodes[axis].push_back(image.GetOrigin()[axis] + i * image.GetSpacing()[axis]);
  }
  return grid_of(path, nodes);
}

Grid grid_of(const fs::path& path, vtkRectilinearGrid& data) {
  std::array<std::vector<double>, 3> nodes;
  std::size_t axis = 0;
  for (vtkDataArray* line : {data.GetXCoordinates(), data.GetYCoordinates(), data.GetZCoordinates()}) {
    for (vtkIdType i = 0; line != nullptr && i < line->GetNumberOfTuples(); ++i)
      nodes[axis].push_back(line->GetComponent(i, 0));
    ++axis;
  }
  return grid_of(path, nodes);
}

VtkArray array_of(const fs::path& path, vtkDataArray& source, const Grid& grid) {
  VtkArray array{source.GetName() == nullptr ? "" : source.GetName(), "1", {}};
  const std::int64_t cells = grid.partition().owned();
  if (source.GetNumberOfTuples() != cells)
    refuse(path, "array '" + printable(array.name) + "' has " + std::to_string(source.GetNumberOfTuples()) +
                     " values for " + std::to_string(cells) + " cells");
  if (source.HasInformation() != 0)
    if (const char* unit = source.GetInformation()->Get(vtkDataArray::UNITS_LABEL())) array.unit = unit;
  for (int c = 0; c < source.GetNumberOfComponents(); ++c) {
    at::Tensor values = at::empty(grid.cell_shape(), at::kDouble);
    double* target = values.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < cells; ++i) target[i] = source.GetComponent(i, c);
    array.components.push_back(values);
  }
  return array;
}

std::string text_of(vtkFieldData& data, const char* name) {
  auto* array = vtkStringArray::SafeDownCast(data.GetAbstractArray(name));
  return array == nullptr || array->GetNumberOfValues() < 1 ? "1" : std::string(array->GetValue(0));
}

template <class Reader>
VtkGridFile read_with(const fs::path& path) {
  vtkNew<Complaints> complaints;
  vtkNew<Reader> reader;
  reader->SetReaderErrorObserver(complaints);
  reader->SetParserErrorObserver(complaints);
  reader->AddObserver(vtkCommand::ErrorEvent, complaints);
  if (reader->CanReadFile(path.c_str()) == 0) refuse(path, "its head is not that of this file type");
  reader->SetFileName(path.c_str());
  reader->UpdateInformation();
  check(path, *reader, *complaints);
  check_size(path, *reader);
  reader->Update();
  check(path, *reader, *complaints);
  auto& data = *reader->GetOutput();
  VtkGridFile file;
  file.grid = std::make_shared<const Grid>(grid_of(path, data));
  vtkFieldData& about = *data.GetFieldData();
  if (vtkDataArray* time = about.GetArray("TimeValue"))
    if (time->GetNumberOfTuples() > 0) file.time = time->GetComponent(0, 0);
  file.length_unit = text_of(about, "LengthUnit");
  file.time_unit = text_of(about, "TimeUnit");
  for (int i = 0; i < data.GetCellData()->GetNumberOfArrays(); ++i)
    if (vtkDataArray* array = data.GetCellData()->GetArray(i))
      file.arrays.push_back(array_of(path, *array, *file.grid));
  if (file.arrays.empty()) throw DataError("'" + path.string() + "' has no cell arrays; values at points are not read");
  return file;
}

}  // namespace

VtkGridFile read_vtk(const fs::path& path) {
  if (!fs::exists(path)) throw IoError("there is no '" + path.string() + "'");
  if (path.extension() == ".vti") return read_with<vtkXMLImageDataReader>(path);
  if (path.extension() == ".vtr") return read_with<vtkXMLRectilinearGridReader>(path);
  throw DataError("'" + path.string() + "' is neither a .vti nor a .vtr file");
}

std::vector<std::pair<double, fs::path>> read_pvd(const fs::path& path) {
  std::istringstream text(read_file(path));
  vtkNew<Complaints> complaints;
  vtkNew<vtkXMLDataParser> parser;
  parser->AddObserver(vtkCommand::ErrorEvent, complaints);
  parser->SetStream(&text);
  vtkXMLDataElement* root = parser->Parse() == 0 ? nullptr : parser->GetRootElement();
  vtkXMLDataElement* collection = root == nullptr ? nullptr : root->FindNestedElementWithName("Collection");
  if (collection == nullptr) throw DataError("'" + path.string() + "' is damaged or no ParaView collection");
  std::vector<std::pair<double, fs::path>> files;
  for (int i = 0; i < collection->GetNumberOfNestedElements(); ++i) {
    vtkXMLDataElement* entry = collection->GetNestedElement(i);
    const char* file = entry->GetAttribute("file");
    const char* step = entry->GetAttribute("timestep");
    const auto time = parse_number(step == nullptr ? "0" : step);
    if (file == nullptr || !time)
      throw DataError("'" + path.string() + "': entry " + std::to_string(i) + " has no file or no time");
    files.emplace_back(*time, path.parent_path() / file);
  }
  if (files.empty()) throw DataError("'" + path.string() + "' lists no file yet");
  return files;
}

}  // namespace eddyline
