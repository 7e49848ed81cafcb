#pragma once
// The configs that commands read, by the command's name.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/config/config.hpp"

namespace eddyline::apps {

[[nodiscard]] std::map<std::string, std::function<std::unique_ptr<Config>()>> top_level_configs();

}  // namespace eddyline::apps
