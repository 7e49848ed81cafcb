#include "core/training/sweep.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <memory>
#include <set>
#include <thread>

#include "core/base/child_process.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/base/random.hpp"
#include "core/base/signals.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/content_hash.hpp"
#include "core/io/csv.hpp"
#include "core/io/run_lock.hpp"
#include "core/io/safe_name.hpp"
#include "core/parallel/threads.hpp"
#include "core/training/checkpoint.hpp"
#include "core/training/sweep_table.hpp"
#include "core/training/training_run.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;
using Choice = std::vector<std::pair<std::string, std::string>>;

fs::path folder_of(const SweepConfig& config, const SweepRun& run) { return fs::path(config.folder) / run.name; }

/// All combinations, the last key fastest.
std::vector<Choice> grid_of(const SweepConfig& config) {
  std::vector<Choice> choices = {{}};
  for (const auto& [name, key] : config.keys) {
    std::vector<Choice> longer;
    for (const auto& choice : choices)
      for (const auto& value : key.values) {
        longer.push_back(choice);
        longer.back().emplace_back(name, value);
      }
    choices = std::move(longer);
  }
  return choices;
}

/// Draw number `index` of a key is a function of (seed, key, index) only: more draws leave the first ones alone.
std::string drawn(const SweepKeyConfig& key, std::uint64_t seed, const std::string& name, std::int64_t index) {
  RandomStream random(seed, "sweep/" + name + "/" + std::to_string(index));
  if (!key.values.empty()) return key.values[random.below(key.values.size())];
  const double low = *key.from, high = *key.to;
  double value =
      key.scale == "log" ? std::exp(random.uniform(std::log(low), std::log(high))) : random.uniform(low, high);
  // Four digits are enough to choose by, and readable in the table.
  value = key.integer ? std::round(value) : parse_number(format_number(value, 4)).value_or(value);
  return key.integer ? std::to_string(static_cast<std::int64_t>(value)) : format_number(value);
}

std::vector<Choice> choices_of(const SweepConfig& config) {
  if (config.search == "grid") return grid_of(config);
  std::vector<Choice> choices;
  for (std::int64_t index = 0; index < config.draws; ++index) {
    Choice choice;
    for (const auto& [name, key] : config.keys)
      choice.emplace_back(name, drawn(key, static_cast<std::uint64_t>(config.seed), name, index));
    if (std::find(choices.begin(), choices.end(), choice) == choices.end()) choices.push_back(choice);
  }
  return choices;
}

/// Letters, digits and a few signs; everything else as single underscores.
std::string plain(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("=.+-,_").find(c) != std::string_view::npos;
    if (is_plain || !result.ends_with('_')) result += is_plain ? c : '_';
  }
  return result;
}

/// A readable directory; two choices never share one.
std::string directory_name(const Choice& choice, std::int64_t seed) {
  std::set<std::string> lasts;
  for (const auto& [key, value] : choice) lasts.insert(key.substr(key.rfind('.') + 1));
  std::string text;
  for (const auto& [key, value] : choice)
    text += (lasts.size() == choice.size() ? key.substr(key.rfind('.') + 1) : key) + "=" + value + "_";
  text += "seed=" + std::to_string(seed);
  constexpr std::size_t longest = 100;
  const std::string name = safe_file_name(plain(text));
  if (name == text && text.size() <= longest) return name;
  return name.substr(0, std::min(longest, name.size())) + "-" + content_hash(text).substr(0, 8);
}

TrainConfig training_config(const SweepConfig& config, const std::vector<std::string>& overrides) {
  TrainConfig training;
  static_cast<void>(read_command_config(config.config, "train", overrides, training));
  return training;
}

/// Epochs that the run's stored config asks for; 0 without one.
std::int64_t stored_epochs(const fs::path& run) {
  if (!fs::exists(run / "config.yaml")) return 0;
  const YamlNode root = read_yaml(run / "config.yaml");
  const YamlNode* training = root.find("training");
  const YamlNode* epochs = training == nullptr ? nullptr : training->find("epochs");
  return epochs == nullptr ? 0 : parse_integer(epochs->scalar).value_or(0);
}

/// Of the metrics row at the best checkpoint.
std::optional<double> value_of(const SweepConfig& config, const fs::path& run, const TrainingState& state) {
  if (config.metric == "selection") return state.best_selection;
  const CsvTable table = read_csv(run / "metrics.csv");
  const auto values = table.column(config.metric), steps = table.column("step");
  for (std::size_t row = values.size(); row-- > 0;)
    if (steps[row] == static_cast<double>(state.best_step)) return values[row];
  return std::nullopt;
}

/// The runs under way and those to come.
class Sweep {
 public:
  explicit Sweep(const SweepConfig& config) : config_(config) {
    for (const auto& run : sweep_runs(config)) {
      outcomes_.push_back({run, sweep_status(config, run)});
      if (outcomes_.back().status.state != "complete") waiting_.push_back(outcomes_.size() - 1);
    }
    std::reverse(waiting_.begin(), waiting_.end());
  }

  SweepResult run() {
    const auto total = static_cast<std::int64_t>(outcomes_.size());
    const auto done = total - static_cast<std::int64_t>(waiting_.size());
    log_info(std::to_string(total) + " runs, " + std::to_string(done) + " of them complete already; " +
             std::to_string(config_.parallel) + " at a time");
    write_tables();
    Progress progress("sweep", total, done);
    while (!waiting_.empty() || !running_.empty()) {
      if (pending_signal() != 0) return stop();
      while (!waiting_.empty() && static_cast<std::int64_t>(running_.size()) < config_.parallel) start();
      if (collect()) progress.update(total - static_cast<std::int64_t>(waiting_.size() + running_.size()));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return result();
  }

 private:
  struct Running {
    std::size_t index;
    std::unique_ptr<ChildProcess> process;
    std::chrono::steady_clock::time_point since;
  };

  void start() {
    const std::size_t index = waiting_.back();
    waiting_.pop_back();
    const SweepRun& run = outcomes_[index].run;
    const fs::path folder = folder_of(config_, run);
    create_folder(folder);
    std::vector<std::string> arguments = {"train", config_.config};
    for (const auto& assignment : run.overrides) {
      arguments.emplace_back("--set");
      arguments.push_back(assignment);
    }
    std::map<std::string, std::string> environment;
    if (run.threads > 0) environment["OMP_NUM_THREADS"] = std::to_string(run.threads);
    running_.push_back({index,
                        std::make_unique<ChildProcess>(own_program(), arguments, folder / "console.txt", environment),
                        std::chrono::steady_clock::now()});
  }

  /// Whether a run ended.
  bool collect() {
    bool any = false;
    for (std::size_t n = running_.size(); n-- > 0;) {
      const auto code = running_[n].process->ended();
      if (!code) continue;
      any = true;
      note(running_[n], *code);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    if (any) write_tables();
    return any;
  }

  void note(const Running& ended, int code) {
    auto& [run, status] = outcomes_[ended.index];
    status = sweep_status(config_, run);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - ended.since).count();
    std::string text = "'" + run.name + "' ";
    if (code == 0) {
      if (status.state != "complete") status.state = "stopped";
      text += status.state + " after " + format_duration(seconds);
      if (status.value) text += ", " + config_.metric + " " + format_number(*status.value, 4);
      log_info(text);
      return;
    }
    status.state = pending_signal() != 0 ? "broken" : "failed";
    status.exit_code = code;
    if (status.state == "failed") {
      log_warning(text + "failed with exit code " + std::to_string(code) + "; see " +
                  (folder_of(config_, run) / "console.txt").string());
      if (exit_code_ == 0) exit_code_ = code;
    }
  }

  /// Every run saves a checkpoint and leaves; the next start goes on from there.
  [[noreturn]] SweepResult stop() {
    for (const auto& running : running_) running.process->send(SIGTERM);
    for (const auto& running : running_) note(running, running.process->wait());
    running_.clear();
    write_tables();
    log_info("stopped by a signal; start again to continue");
    throw Interrupted(pending_signal());
  }

  void write_tables() const {
    const fs::path folder = config_.folder;
    write_atomically(folder / "runs.csv", sweep_runs_csv(config_, outcomes_));
    write_atomically(folder / "table.csv", sweep_table_csv(config_, sweep_rows(outcomes_)));
  }

  [[nodiscard]] SweepResult result() const { return {sweep_table_text(config_, sweep_rows(outcomes_)), exit_code_}; }

  const SweepConfig& config_;
  std::vector<SweepOutcome> outcomes_;
  std::vector<std::size_t> waiting_;  // the next one last
  std::vector<Running> running_;
  int exit_code_ = 0;
};

}  // namespace

void SweepKeyConfig::fields(FieldVisitor& visit) {
  visit("values", values, rule::any(), "what the key may be, as YAML; lists in quotes");
  visit("from", from, rule::any(), "low end of an interval that a random search draws from");
  visit("to", to, rule::any(), "its high end");
  visit("scale", scale, rule::one_of({"linear", "log"}), "whether the value or its logarithm is drawn evenly");
  visit("integer", integer, rule::any(), "round to an integer");
}

void SweepKeyConfig::check(ConfigProblems& problems) const {
  if (values.empty() && !(from && to)) problems.add("values", "give values, or an interval by from and to");
  if (!values.empty() && (from || to)) problems.add("from", "give values or an interval, not both");
  if (from && to && *from >= *to) problems.add("to", "must be above from (" + format_number(*from) + ")");
  if (from && scale == "log" && *from <= 0) problems.add("from", "must be above 0 on a logarithmic scale");
}

void SweepConfig::fields(FieldVisitor& visit) {
  visit("config", config, rule::any(), "training config; empty: the section `train` of this file");
  visit("folder", folder, rule::any(), "where the runs go, a directory each");
  visit("set", set, rule::any(), "overrides for every run, key=value");
  visit("keys", keys, "keys of the training config, and what each may be");
  visit("search", search, rule::one_of({"grid", "random"}), "all combinations, or draws");
  visit("draws", draws, rule::between(1, 1e5), "of a random search");
  visit("seed", seed, rule::non_negative(), "of the draws");
  visit("seeds", seeds, rule::non_negative(), "seeds of the trainings: every choice is trained once with each");
  visit("parallel", parallel, rule::between(1, 1024), "runs at a time");
  visit("threads", threads, rule::between(0, 4096),
        "shared by the runs at a time, unless training.threads is given; 0: all cores");
  visit("metric", metric, rule::any(), "column of metrics.csv that the table compares, at the best checkpoint");
}

void SweepConfig::check(ConfigProblems& problems) const {
  if (seeds.empty()) problems.add("seeds", "is empty; one seed at least");
  for (const auto& [name, key] : keys) {
    if (search == "grid" && key.values.empty()) problems.add("keys", name + " has an interval; a grid needs values");
    if (name == "seed" || name == "run") problems.add("keys", name + " is set by the sweep; use seeds and folder");
  }
}

SweepConfig read_sweep(const fs::path& path, const std::vector<std::string>& overrides) {
  SweepConfig config;
  static_cast<void>(read_command_config(path, "sweep", overrides, config));
  if (config.config.empty()) config.config = path.string();
  return config;
}

std::vector<SweepRun> sweep_runs(const SweepConfig& config) {
  const std::int64_t share = std::max<std::int64_t>(1, use_threads(config.threads) / config.parallel);
  std::vector<SweepRun> runs;
  for (const auto& choice : choices_of(config))
    for (const std::int64_t seed : config.seeds) {
      SweepRun run{directory_name(choice, seed), choice, seed, config.set, 0};
      for (const auto& [key, value] : choice) run.overrides.push_back(key + "=" + value);
      run.overrides.push_back("seed=" + std::to_string(seed));
      run.overrides.push_back("run=" + folder_of(config, run).string());
      run.threads = training_config(config, run.overrides).training.threads;
      if (run.threads == 0) {
        run.threads = share;
        run.overrides.push_back("training.threads=" + std::to_string(share));
      }
      runs.push_back(std::move(run));
    }
  return runs;
}

SweepStatus sweep_status(const SweepConfig& config, const SweepRun& run) {
  SweepStatus status;
  const fs::path folder = folder_of(config, run);
  const auto newest = CheckpointStore(folder / "checkpoints").newest();
  if (!newest) return status;
  const TrainingState state = read_training_state(*newest);
  const bool is_longer = training_config(config, run.overrides).training.epochs > stored_epochs(folder);
  status.state = state.complete && !is_longer ? "complete" : "broken";
  status.epochs = state.epoch;
  status.value = value_of(config, folder, state);
  return status;
}

std::string sweep_plan(const SweepConfig& config) {
  const auto runs = sweep_runs(config);
  std::string text;
  std::int64_t complete = 0;
  for (const auto& run : runs) {
    const SweepStatus status = sweep_status(config, run);
    if (status.state == "complete") ++complete;
    text += run.name + "  " +
            (status.state == "broken" ? "resumes after epoch " + std::to_string(status.epochs) : status.state) + "\n";
  }
  return text + std::to_string(runs.size()) + " runs in " + config.folder + ", " + std::to_string(complete) +
         " complete; " + std::to_string(config.parallel) + " at a time with " +
         std::to_string(runs.empty() ? 0 : runs.front().threads) + " threads each\n";
}

SweepResult sweep(const SweepConfig& config) {
  create_folder(config.folder);
  const RunLock lock(config.folder);
  Sweep work(config);
  write_atomically(fs::path(config.folder) / "sweep.yaml", resolved_yaml(config));
  return work.run();
}

}  // namespace eddyline
