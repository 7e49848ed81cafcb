#include "datasets/generation/generate.hpp"

#include <ATen/ATen.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/base/random.hpp"
#include "core/base/signals.hpp"
#include "core/config/config_reader.hpp"
#include "core/config/formula.hpp"
#include "core/field/remap.hpp"
#include "core/io/content_hash.hpp"
#include "core/io/disk_space.hpp"
#include "core/io/run_lock.hpp"
#include "core/io/safe_name.hpp"
#include "core/parallel/threads.hpp"
#include "core/rollout/solver.hpp"
#include "datasets/the_well/well_writer.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

struct Job {
  std::string split;
  std::int64_t index = 0;
};

std::vector<std::pair<std::string, std::int64_t>> splits(const GenerateConfig& config) {
  return {{"train", config.splits.train}, {"valid", config.splits.valid}, {"test", config.splits.test}};
}

/// Everything that decides the numbers, not where they go or on how many threads.
std::string config_hash(const GenerateConfig& config) {
  GenerateConfig copy = config;
  copy.folder.clear();
  copy.threads = 0;
  return content_hash(resolved_yaml(copy));
}

std::vector<Channel> stored_channels(const GenerateConfig& config, const Case& problem) {
  if (config.channels.empty()) return problem.channels();
  std::vector<Channel> out;
  for (const auto& name : config.channels) {
    const auto all = problem.channels();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Channel& channel) { return channel.name == name; });
    if (found == all.end())
      throw ConfigError("channels: " + problem.equation().name() + " has no channel '" + printable(name) + "'" +
                        suggestion(name, channel_names(all)));
    out.push_back(*found);
  }
  return out;
}

DatasetInfo dataset_info(const GenerateConfig& config, const Case& problem) {
  DatasetInfo info;
  info.name = config.name;
  info.grid = std::make_shared<Grid>(coarsened(problem.grid(), config.average));
  info.channels = stored_channels(config, problem);
  info.static_channels = {{"mask", "1", ChannelKind::scalar}};
  for (const auto& parameter : config.parameters) info.parameters.push_back({parameter.name, parameter.unit});
  info.length_unit = problem.config().length_unit;
  info.time_unit = problem.config().time_unit;
  return info;
}

/// Of the finished dataset.
double dataset_bytes(const GenerateConfig& config, const Case& problem) {
  const DatasetInfo info = dataset_info(config, problem);
  double cells = 1, cases = 0;
  for (const auto length : info.grid->cell_shape()) cells *= static_cast<double>(length);
  for (const auto& [split, count] : splits(config)) cases += static_cast<double>(count);
  const double fields = static_cast<double>(config.frames) * static_cast<double>(info.channels.size()) +
                        static_cast<double>(info.static_channels.size());
  return 4 * cells * fields * cases;
}

fs::path part_path(const GenerateConfig& config, const Job& job) {
  return fs::path(config.folder) / "parts" / (job.split + "-" + std::to_string(job.index) + ".hdf5");
}

fs::path split_path(const GenerateConfig& config, const std::string& split) {
  return fs::path(config.folder) / "data" / split / (safe_file_name(config.name) + ".hdf5");
}

/// A whole part of the same config and case.
bool is_finished(const GenerateConfig& config, const Job& job, const std::string& case_yaml) {
  const fs::path path = part_path(config, job);
  if (!fs::exists(path)) return false;
  try {
    const auto file = hdf5::File::open(path);
    return file.read_strings("eddyline/cases") == std::vector<std::string>{case_yaml};
  } catch (const Error& error) {
    log_warning("the part " + path.string() + " is made again: " + error.what());
    return false;
  }
}

/// A frame of the solver on the dataset's grid: velocities are averages over whole cells (zero in solids), other
/// channels averages over the fluid.
at::Tensor stored_frame(const State& state, const std::vector<Channel>& channels, const at::Tensor& fraction,
                        const at::Tensor& mask, const Grid& grid) {
  std::vector<at::Tensor> fields;
  for (const auto& channel : channels) {
    const at::Tensor& values = state.fields.at(channel.name).values;
    const bool is_velocity = channel.kind != ChannelKind::scalar && channel.kind != ChannelKind::density;
    const at::Tensor mean = conservative_remap(is_velocity ? values : values * fraction, state.problem->grid(), grid);
    fields.push_back(is_velocity ? mean : at::where(mask > 0, mean / mask.clamp_min(1e-12), at::zeros_like(mean)));
  }
  return at::stack(fields).to(at::kFloat);
}

class Generator {
 public:
  explicit Generator(const GenerateConfig& config)
      : config_(config),
        hash_(config_hash(config)),
        steps_a_case_(config.frames + static_cast<std::int64_t>(std::ceil(config.spin_up / config.frame_interval))) {}

  void run() {
    create_folder(config_.folder);
    const RunLock lock(config_.folder);
    for (const auto& [split, count] : splits(config_))
      if (fs::exists(split_path(config_, split)) || fs::exists(fs::path(config_.folder) / "parts"))
        check_same_dataset();
    create_folder(fs::path(config_.folder) / "parts");
    warn_if_disk_is_small(config_.folder, 2 * dataset_bytes(config_, *drawn_case(config_, "train", 0).problem));
    write_atomically(fs::path(config_.folder) / "generate.yaml", "# " + hash_ + "\n" + resolved_yaml(config_));
    for (const auto& [split, count] : splits(config_))
      for (std::int64_t index = 0; index < count && !fs::exists(split_path(config_, split)); ++index)
        jobs_.push_back({split, index});
    run_jobs();
    for (const auto& [split, count] : splits(config_))
      if (count > 0 && !fs::exists(split_path(config_, split))) merge(split, count);
    if (config_.splits.train > 0) {
      const auto train = open_dataset(config_.folder, "train");
      check_variation(*train);
      well::write_statistics(fs::path(config_.folder) / "stats.yaml", *train);
    }
    std::error_code ignored;  // leftovers of a finished dataset do no harm
    fs::remove_all(fs::path(config_.folder) / "parts", ignored);
    log_info("wrote " + config_.folder);
  }

 private:
  void check_same_dataset() const {
    const fs::path path = fs::path(config_.folder) / "generate.yaml";
    if (fs::exists(path) && read_file(path).starts_with("# " + hash_)) return;
    throw ConfigError("'" + config_.folder + "' holds a dataset of another config; choose another folder or remove it");
  }

  void run_jobs() {
    if (jobs_.empty()) return;
    const int threads = static_cast<int>(std::min<std::int64_t>(
        config_.threads > 0 ? config_.threads : std::max(1U, std::thread::hardware_concurrency()),
        static_cast<std::int64_t>(jobs_.size())));
    Progress progress("generate", static_cast<std::int64_t>(jobs_.size()) * steps_a_case_);
    use_threads(1);  // cases run side by side, each on one thread
    std::vector<std::jthread> workers;
    for (int k = 0; k < threads; ++k)
      workers.emplace_back([&] {
        omp_set_num_threads(1);
        for (std::size_t next = next_job_++; next < jobs_.size() && !failed_; next = next_job_++) {
          try {
            run_job(jobs_[next], progress);
          } catch (...) {
            const std::scoped_lock lock(mutex_);
            if (!failed_.exchange(true)) error_ = std::current_exception();
          }
        }
      });
    workers.clear();
    use_threads(0);
    if (error_) std::rethrow_exception(error_);
  }

  void run_job(const Job& job, Progress& progress) {
    const DrawnCase drawn = drawn_case(config_, job.split, job.index);
    const std::string yaml = drawn.problem->to_yaml();
    if (is_finished(config_, job, yaml)) return progress.advance(steps_a_case_);
    const std::string where = "case " + job.split + "/" + std::to_string(job.index);
    try {
      const auto solver = SolverRegistry::instance().create(config_.solver.name, *config_.solver.config, drawn.problem);
      const DatasetInfo info = dataset_info(config_, *drawn.problem);
      const double dt = config_.frame_interval * drawn.problem->time_scale();
      const at::Tensor fraction = solver->fluid_fraction();
      const at::Tensor mask = conservative_remap(fraction, drawn.problem->grid(), *info.grid);
      well::Trajectory trajectory;
      trajectory.statics = mask.unsqueeze(0).to(at::kFloat);
      trajectory.parameters = drawn.parameters;
      trajectory.case_yaml = yaml;
      std::vector<at::Tensor> frames;
      State state = solver->initial_state();
      for (std::int64_t step = 0; step < steps_a_case_; ++step) {
        if (failed_) return;
        stop_if_interrupted();
        if (step > 0) state = std::move(solver->advance(std::span(&state, 1), dt, 1).front());
        progress.advance();
        if (step < steps_a_case_ - config_.frames) continue;
        frames.push_back(stored_frame(state, info.channels, fraction, mask, *info.grid));
        trajectory.times.push_back(static_cast<double>(frames.size() - 1) * dt);
      }
      check_quality(*solver, state, where);
      trajectory.frames = at::stack(frames);
      well::WellWriter writer(part_path(config_, job), info, 1, config_.frames);
      writer.add(trajectory);
      writer.commit();
    } catch (const NumericalError& error) {
      throw NumericalError(where + ": " + error.what() + "; the finished cases are kept, run again to continue");
    } catch (const ConfigError& error) {
      throw ConfigError("problem: " + where + " cannot be solved: " + error.what());
    }
  }

  /// What must hold of every trajectory before it enters a dataset.
  void check_quality(const Solver& solver, const State& state, const std::string& where) const {
    const double speed = state.problem->config().velocity_scale, length = state.problem->config().length_scale;
    for (const auto& [name, value] : solver.diagnostics(state))
      if (name == "divergence" && !(value * length / speed < 1e-8))
        throw NumericalError(where + ": the velocity is not free of divergence (" + format_number(value, 3) + ")");
  }

  void merge(const std::string& split, std::int64_t count) {
    create_folder(split_path(config_, split).parent_path());
    const DatasetInfo info = dataset_info(config_, *drawn_case(config_, split, 0).problem);
    well::WellWriter writer(split_path(config_, split), info, count, config_.frames);
    for (std::int64_t index = 0; index < count; ++index) {
      stop_if_interrupted();
      const auto part = open_dataset(part_path(config_, {split, index}).string(), split);
      writer.add({in_order(*part, info.channels), part->statics(0), part->trajectory(0).times,
                  drawn_case(config_, split, index).parameters, part->problem(0)->to_yaml()});
    }
    writer.commit();
  }

  /// All frames of a part with the channels in this order (a file lists scalars before vectors).
  [[nodiscard]] at::Tensor in_order(const Dataset& part, const std::vector<Channel>& channels) const {
    const auto names = channel_names(part.info().channels);
    const at::Tensor frames = part.frames(0, 0, config_.frames);
    std::vector<at::Tensor> ordered;
    for (const auto& channel : channels)
      ordered.push_back(frames.select(1, std::find(names.begin(), names.end(), channel.name) - names.begin()));
    return at::stack(ordered, 1);
  }

  /// A parameter that is given to a model must vary, or the model cannot learn what it means.
  static void check_variation(const Dataset& train) {
    for (std::size_t p = 0; train.size() > 1 && p < train.info().parameters.size(); ++p) {
      bool varies = false;
      for (std::int64_t i = 1; i < train.size(); ++i)
        varies = varies || train.trajectory(i).parameters[p] != train.trajectory(0).parameters[p];
      if (!varies)
        log_warning("parameter '" + train.info().parameters[p].name + "' is the same in every training case");
    }
  }

  const GenerateConfig& config_;
  std::string hash_;
  std::int64_t steps_a_case_;
  std::vector<Job> jobs_;
  std::atomic<std::size_t> next_job_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

void DatasetParameterConfig::fields(FieldVisitor& visit) {
  visit("name", name, rule::any().required(), "name of the parameter");
  visit("unit", unit, rule::any(), "its unit");
  visit("value", value, rule::any().required(), "formula of the drawn variables");
}

void DrawConfig::fields(FieldVisitor& visit) {
  visit("from", from, rule::any().required(), "low end");
  visit("to", to, rule::any().required(), "high end");
}

void DrawConfig::check(ConfigProblems& problems) const {
  if (!(to >= from)) problems.add("to", "expected at least from = " + format_number(from));
}

void SplitsConfig::fields(FieldVisitor& visit) {
  visit("train", train, rule::between(0, 1e6), "training cases");
  visit("valid", valid, rule::between(0, 1e6), "validation cases");
  visit("test", test, rule::between(0, 1e6), "test cases");
}

void GenerateConfig::fields(FieldVisitor& visit) {
  visit("name", name, rule::any(), "name of the dataset");
  visit("folder", folder, rule::any(), "where it is written");
  visit("seed", seed, rule::non_negative(), "seed of all draws");
  visit("splits", splits, "cases a split");
  visit("problem", problem, "the case before anything is drawn");
  visit("draw", draw, "variables drawn uniformly for every case");
  visit("derive", derive, rule::any(), "path in the case to formula of the drawn variables");
  visit("parameters", parameters, "numbers stored with every trajectory");
  visit("solver", solver, SolverRegistry::instance(), "the reference solver");
  visit("spin_up", spin_up, rule::non_negative().unit("D/U"), "time before the first stored frame");
  visit("frame_interval", frame_interval, rule::positive().unit("D/U"), "time between stored frames");
  visit("frames", frames, rule::between(2, 1000000), "stored frames a trajectory");
  visit("average", average, rule::at_least(1), "solver cells merged into one along x, y");
  visit("channels", channels, rule::any(), "stored channels; empty is all");
  visit("threads", threads, rule::between(0, 4096), "cases at a time; 0 is all cores");
}

void GenerateConfig::check(ConfigProblems& problems) const {
  if (splits.train + splits.valid + splits.test == 0) problems.add("splits", "there is no case at all; ask for one");
  if (spin_up / frame_interval > 1e6) problems.add("spin_up", "is over a million frame intervals; use longer ones");
  std::set<std::string> seen;
  for (const auto& channel : channels)
    if (!seen.insert(channel).second) problems.add("channels", "'" + printable(channel) + "' is given twice");
  seen.clear();
  for (const auto& parameter : parameters) {
    const bool is_path = parameter.name.empty() || parameter.name.find('/') != std::string::npos ||
                         parameter.name.find_first_not_of('.') == std::string::npos;
    if (is_path) problems.add("parameters", "'" + printable(parameter.name) + "' cannot name a parameter; use a word");
    if (!seen.insert(parameter.name).second)
      problems.add("parameters", "'" + printable(parameter.name) + "' is given twice; keep one");
  }
  if (average.size() != problem.grid.size()) problems.add("average", "expected one number for each axis of the grid");
  for (std::size_t axis = 0; axis < std::min(average.size(), problem.grid.size()); ++axis) {
    const auto& line = problem.grid[axis];
    const auto cells = line.nodes.empty() ? line.cells : static_cast<std::int64_t>(line.nodes.size()) - 1;
    if (cells % average[axis] != 0)
      problems.add("average", "cannot merge every " + std::to_string(average[axis]) + " of " + std::to_string(cells) +
                                  " cells along " + "xyz"[axis] + "; choose a divisor");
  }
}

DrawnCase drawn_case(const GenerateConfig& config, const std::string& split, std::int64_t index) {
  std::vector<std::string> names;
  std::vector<double> values;
  for (const auto& [name, interval] : config.draw) {  // one stream a variable: adding one never shifts another
    RandomStream random(static_cast<std::uint64_t>(config.seed),
                        "generation/" + split + "/" + std::to_string(index) + "/" + name);
    names.push_back(name);
    values.push_back(random.uniform(interval.from, interval.to));
  }
  YamlNode root = parse_yaml(resolved_yaml(config.problem), "problem");
  CaseConfig problem;
  try {
    for (const auto& [path, formula] : config.derive)
      apply_override(root, path + "=" + format_number(Formula(formula, names, "derive." + path)(values)));
    read_config(root, problem);
  } catch (const ConfigError& error) {
    std::vector<std::string> drawn;
    for (std::size_t k = 0; k < names.size(); ++k) drawn.push_back(names[k] + " = " + format_number(values[k], 6));
    throw ConfigError("derive: case " + split + "/" + std::to_string(index) + " with " + printable(join(drawn, ", ")) +
                      " is not valid: " + error.what());
  }
  problem.name = config.problem.name + "-" + split + "-" + std::to_string(index);
  problem.initial.seed = static_cast<std::int64_t>(
      derived_seed(static_cast<std::uint64_t>(config.seed), "initial/" + split + "/" + std::to_string(index)) >> 1);
  DrawnCase drawn{std::make_shared<const Case>(std::move(problem)), {}};
  for (const auto& parameter : config.parameters)
    drawn.parameters.push_back(Formula(parameter.value, names, "parameters")(values));
  return drawn;
}

std::string generation_plan(const GenerateConfig& config) {
  std::int64_t cases = 0;
  for (const auto& [split, count] : splits(config)) cases += count;
  const DrawnCase drawn = drawn_case(config, "train", 0);
  const auto solver = SolverRegistry::instance().create(config.solver.name, *config.solver.config, drawn.problem);
  const double dt = solver->stable_dt(solver->initial_state()),
               frame_dt = config.frame_interval * drawn.problem->time_scale();
  const double frames = config.spin_up / config.frame_interval + static_cast<double>(config.frames);
  const double bytes = dataset_bytes(config, *drawn.problem);
  warn_if_disk_is_small(config.folder, 2 * bytes);
  return "cases      " + std::to_string(cases) + " (train " + std::to_string(config.splits.train) + ", valid " +
         std::to_string(config.splits.valid) + ", test " + std::to_string(config.splits.test) + ")\nframes     " +
         std::to_string(config.frames) + " a case after a spin-up of " + format_number(config.spin_up) +
         " D/U\nsteps      about " + format_number(std::max(1.0, std::ceil(frame_dt / dt)) * frames, 5) +
         " a case\ndisk       " + format_bytes(bytes) + " in " + config.folder + " (twice that while it is made)\n";
}

void generate(const GenerateConfig& config) { Generator(config).run(); }

}  // namespace eddyline
