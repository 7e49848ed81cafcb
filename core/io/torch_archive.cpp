#include "core/io/torch_archive.hpp"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/serialization/unpickler.h>

#include <algorithm>
#include <fstream>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

/// First line of a LibTorch message, without its C++ stack.
std::string reason_of(const std::exception& error) {
  const std::string text = error.what();
  return printable(text.substr(0, text.find('\n')));
}

/// A file in memory as LibTorch's archive reader wants it.
class BytesInMemory final : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit BytesInMemory(const std::string& bytes) : bytes_(bytes) {}
  size_t size() const override { return bytes_.size(); }
  size_t read(uint64_t position, void* target, size_t count, const char*) const override {
    if (position >= bytes_.size()) return 0;
    return bytes_.copy(static_cast<char*>(target), count, position);
  }

 private:
  const std::string& bytes_;
};

/// Bytes of each storage that was read, by its address.
using StorageSizes = std::map<const void*, std::size_t>;

/// The pickle names shapes, strides and storage sizes freely; here they meet the bytes that were read.
at::Tensor checked(const at::Tensor& tensor, const StorageSizes& sizes) {
  if (!tensor.defined() || tensor.layout() != at::kStrided || !tensor.device().is_cpu() || tensor.is_quantized())
    throw DataError("a tensor is not a plain one in memory");
  if (tensor.numel() == 0) return tensor;
  const auto found = sizes.find(tensor.storage().data());
  const std::size_t bytes = found == sizes.end() ? 0 : found->second;
  const std::size_t elements = bytes / tensor.element_size();
  std::size_t last = static_cast<std::size_t>(std::max<std::int64_t>(tensor.storage_offset(), 0));
  bool inside = tensor.storage_offset() >= 0 && last < elements;
  for (std::int64_t axis = 0; axis < tensor.dim() && inside; ++axis) {
    const std::int64_t length = tensor.size(axis), stride = tensor.stride(axis);
    const auto room = static_cast<std::int64_t>(elements - 1 - last);
    inside = length > 0 && stride >= 0 && (length == 1 || stride <= room / (length - 1));
    if (inside) last += static_cast<std::size_t>(stride * (length - 1));
  }
  if (!inside) throw DataError("a tensor reaches beyond the bytes that are stored for it");
  // Booleans are bytes in the file; any other value than 0 and 1 is undefined as a C++ bool.
  if (tensor.scalar_type() == at::kBool) return tensor.view(at::kByte).ne(0);
  return tensor.clone();
}

/// The pickle of `torch.save(model.state_dict())` is an OrderedDict with an attribute `_metadata` (versions of the
/// modules): LibTorch's reader makes None of the first and does not know the second. The same pickle with a plain
/// dictionary instead, as the second item of a pair whose first is that None; other pickles as they are.
std::string with_plain_dictionary(std::string pickle) {
  using namespace std::string_literals;
  const std::string head = "\x80\x02"s + "ccollections\nOrderedDict\nq\0)R"s;  // PROTO GLOBAL BINPUT EMPTY_TUPLE REDUCE
  if (!pickle.starts_with(head + "q\x01"s) || !pickle.ends_with('.')) return pickle;
  const std::size_t key = pickle.rfind("X\x09\0\0\0_metadata"s);  // BINUNICODE, nine characters
  std::size_t end = pickle.size() - 1;                            // of the dictionary; behind it STOP ...
  if (key != std::string::npos && pickle.ends_with("b."))         // ... or {"_metadata": ...} BUILD STOP
    for (const std::size_t memo : {2U, 5U})                       // EMPTY_DICT and BINPUT or LONG_BINPUT before the key
      if (key > memo && pickle[key - memo - 1] == '}' && pickle[key - memo] == (memo == 2 ? 'q' : 'r'))
        end = key - memo - 1;
  return head + "}" + pickle.substr(head.size(), end - head.size()) + "\x86.";  // EMPTY_DICT ... TUPLE2 STOP
}

TorchArchive archive_of(const std::string& bytes, const std::vector<std::string>& sections) {
  caffe2::serialize::PyTorchStreamReader archive(std::make_shared<BytesInMemory>(bytes));
  StorageSizes sizes;
  const auto record = [&](const std::string& name) {
    if (!archive.hasRecord(name)) throw DataError("the record '" + printable(name) + "' is missing");
    const std::size_t size = archive.getRecordSize(name);
    if (size > bytes.size())
      throw DataError("the record '" + printable(name) + "' claims " + std::to_string(size) +
                      " bytes, the file has only " + std::to_string(bytes.size()));
    auto data = archive.getRecord(name);
    sizes[std::get<0>(data).get()] = std::get<1>(data);
    return data;
  };
  const auto stored = record("data.pkl");
  const std::string pickle =
      with_plain_dictionary({static_cast<const char*>(std::get<0>(stored).get()), std::get<1>(stored)});
  std::size_t position = 0;
  const auto read = [&](char* target, std::size_t count) {
    const std::size_t given = pickle.copy(target, count, position);
    position += given;
    return given;
  };
  const auto refuse_class = [](const c10::QualifiedName& name) -> c10::StrongTypePtr {
    throw DataError("it names the class '" + printable(name.qualifiedName()) + "', which is not unpickled");
  };
  torch::jit::Unpickler unpickler(
      read, refuse_class, torch::jit::ObjLoader(),
      [&](const std::string& name) { return std::get<0>(record("data/" + name)); }, at::Device(at::kCPU));
  c10::IValue value = unpickler.parse_ivalue();
  if (value.isTuple() && value.toTupleRef().elements().size() == 2) value = value.toTupleRef().elements()[1];
  if (!value.isGenericDict()) throw DataError("it holds no dictionary of tensors");
  for (const auto& name : sections) {
    const auto whole = value.toGenericDict();
    const auto found = whole.find(name);
    if (found != whole.end() && found->value().isGenericDict()) value = c10::IValue(found->value());
  }
  TorchArchive result;
  for (const auto& item : value.toGenericDict()) {
    const std::string name = item.key().isString() ? item.key().toStringRef() : "(a key that is no text)";
    if (item.key().isString() && item.value().isTensor())
      result.tensors[name] = checked(item.value().toTensor(), sizes);
    else
      result.others.push_back(name);
  }
  return result;
}

}  // namespace

bool is_torch_archive(const fs::path& path) {
  // torch.save's first record is the pickle; its local header is "PK\3\4", 26 bytes on the name, and the name.
  std::ifstream file(path, std::ios::binary);
  std::string head(96, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return head.starts_with("PK\3\4") && head.find("/data.pkl") != std::string::npos;
}

TorchArchive read_torch_archive(const fs::path& path, const std::vector<std::string>& sections) {
  const std::string bytes = read_file(path);
  try {
    return archive_of(bytes, sections);
  } catch (const DataError& error) {
    throw DataError("'" + path.string() + "' cannot be read as a torch.save archive: " + error.what());
  } catch (const std::exception& error) {  // LibTorch's reader throws several types
    throw DataError("'" + path.string() + "' cannot be read as a torch.save archive: " + reason_of(error));
  }
}

}  // namespace eddyline
