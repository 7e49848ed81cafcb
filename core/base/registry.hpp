#pragma once
// Plug-ins by name. A plug-in registers itself in one line at the end of its own source file:
//
//   static const OperatorRegistry::Registration<FnoOperator, FnoConfig> registration{"fno", "Fourier neural operator"};

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

class Config;

/// A registry without its product type: what config reading, `eddyline list` and error messages need.
class RegistryBase {
 public:
  /// @param kind  plural, as `eddyline list` names it: "operators".
  explicit RegistryBase(std::string kind);
  virtual ~RegistryBase();
  RegistryBase(const RegistryBase&) = delete;
  RegistryBase& operator=(const RegistryBase&) = delete;

  [[nodiscard]] const std::string& kind() const { return kind_; }
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool contains(const std::string& name) const { return entries_.contains(name); }
  [[nodiscard]] const std::string& help(const std::string& name) const { return entry(name).help; }
  /// The plug-in's settings with their defaults. @throws ConfigError naming the nearest plug-in.
  [[nodiscard]] std::unique_ptr<Config> make_config(const std::string& name) const;

  /// Every registry of the program, for `eddyline list`.
  [[nodiscard]] static const std::vector<const RegistryBase*>& all();

 protected:
  struct Entry {
    std::string help;
    std::function<std::unique_ptr<Config>()> make_config;
  };
  void add_entry(const std::string& name, Entry entry);
  [[nodiscard]] const Entry& entry(const std::string& name) const;

 private:
  std::string kind_;
  std::map<std::string, Entry> entries_;
};

/// Factories of Product from (settings, Context...). One instance a product, reached through `instance()`, whose kind
/// is `Product::registry_kind`.
template <class Product, class... Context>
class Registry final : public RegistryBase {
 public:
  using Factory = std::function<std::unique_ptr<Product>(const Config&, Context...)>;

  [[nodiscard]] static Registry& instance() {
    static Registry registry{Product::registry_kind};
    return registry;
  }

  void add(const std::string& name, const std::string& help, std::function<std::unique_ptr<Config>()> make_config,
           Factory factory) {
    add_entry(name, {help, std::move(make_config)});
    factories_[name] = std::move(factory);
  }

  /// @throws ConfigError when the name is unknown; whatever the plug-in's constructor throws.
  [[nodiscard]] std::unique_ptr<Product> create(const std::string& name, const Config& config,
                                                Context... context) const {
    static_cast<void>(entry(name));
    return factories_.at(name)(config, context...);
  }

  /// Registers `Implementation(const ImplementationConfig&, Context...)`.
  template <class Implementation, class ImplementationConfig>
  struct Registration {
    Registration(const std::string& name, const std::string& help) {
      instance().add(
          name, help, [] { return std::make_unique<ImplementationConfig>(); },
          [](const Config& config, Context... context) -> std::unique_ptr<Product> {
            return std::make_unique<Implementation>(dynamic_cast<const ImplementationConfig&>(config), context...);
          });
    }
  };

 private:
  using RegistryBase::RegistryBase;
  std::map<std::string, Factory> factories_;
};

}  // namespace eddyline
