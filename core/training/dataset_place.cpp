#include "core/training/dataset_place.hpp"

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {

DatasetPlace parse_dataset_place(const std::string& text, const std::string& option) {
  const auto hash = text.rfind('#');
  DatasetPlace result;
  result.dataset = text.substr(0, hash);
  if (hash == std::string::npos) return result;
  const std::string place = text.substr(hash + 1);
  const auto slash = place.find('/'), at = place.find('@');
  const auto digits =
      slash == std::string::npos ? "" : place.substr(slash + 1, at == std::string::npos ? at : at - slash - 1);
  const std::int64_t number = parse_integer(digits).value_or(-1);
  const auto frame = at == std::string::npos ? std::optional<std::int64_t>(0) : parse_integer(place.substr(at + 1));
  if (number < 0 || !frame || slash == 0)
    throw ConfigError(option + " '" + printable(text) +
                      "': expected DATASET#SPLIT/NUMBER or DATASET#SPLIT/NUMBER@FRAME, for instance data/x#test/0");
  result.split = place.substr(0, slash);
  result.trajectory = number;
  if (at != std::string::npos) result.frame = *frame;
  return result;
}

}  // namespace eddyline
