#include "core/plot/plot.hpp"

#include <algorithm>
#include <numeric>
#include <variant>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/base/split_list.hpp"
#include "core/base/text.hpp"
#include "core/io/animation.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/io/safe_name.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

/// A picture or curves, and the name of its file without extension.
struct Figure {
  std::string name;
  std::variant<Canvas, LinePlot> content;
};

enum class Kind { run, output_folder, table, frames };

bool is_moving(const fs::path& path) {
  const auto& extensions = animation_extensions();
  return std::find(extensions.begin(), extensions.end(), path.extension()) != extensions.end();
}

bool names_file(const fs::path& output) { return !output.extension().empty() && !fs::is_directory(output); }

void check_format(const fs::path& output) {
  if (!names_file(output)) return;
  std::vector<std::string> known = {".png", ".svg"};
  known.insert(known.end(), animation_extensions().begin(), animation_extensions().end());
  const std::string extension = output.extension().string();
  if (std::find(known.begin(), known.end(), extension) == known.end())
    throw ConfigError("--output '" + printable(output.string()) + "': files of type '" + printable(extension) +
                      "' are not written; possible are " + join(known, ", "));
}

/// Files of a folder with an extension, the newest first.
std::vector<fs::path> files_of(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().extension() == extension) files.push_back(entry.path());
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    const auto of_a = fs::last_write_time(a), of_b = fs::last_write_time(b);
    return of_a == of_b ? a < b : of_a > of_b;
  });
  return files;
}

Kind kind_of(const std::string& text) {
  const fs::path path = fs::exists(text) ? text : text.substr(0, text.rfind('#'));
  if (!fs::exists(path)) throw IoError("there is no '" + path.string() + "'");
  if (fs::is_directory(path)) {
    if (fs::exists(path / "metrics.csv")) return Kind::run;
    return fs::exists(path / "history.csv") || !files_of(path, ".pvd").empty() ? Kind::output_folder : Kind::frames;
  }
  const std::string extension = path.extension().string();
  if (extension == ".csv") return Kind::table;
  const std::vector<std::string> known = {".pvd", ".vti", ".vtr", ".h5", ".hdf5"};
  if (std::find(known.begin(), known.end(), extension) == known.end())
    throw DataError("'" + path.string() + "' is of no kind that is drawn: a run, an output folder, a dataset, .csv, " +
                    join(known, ", "));
  return Kind::frames;
}

std::vector<std::int64_t> all_frames(const FrameSeries& series, std::int64_t every) {
  if (every < 1) throw ConfigError("--every " + std::to_string(every) + ": at least 1");
  std::vector<std::int64_t> frames;
  for (std::int64_t frame = 0; frame < series.frames(); frame += every) frames.push_back(frame);
  return frames;
}

std::vector<std::int64_t> named_frames(const FrameSeries& series, const std::string& text) {
  std::vector<std::int64_t> frames;
  for (const std::string& part : split_list(text)) {
    const auto number = parse_integer(part);
    if (!number) throw ConfigError("--frame '" + printable(text) + "': expected numbers, for instance 0,10,-1");
    const std::int64_t frame = *number < 0 ? *number + series.frames() : *number;
    if (frame < 0 || frame >= series.frames())
      throw ConfigError("'" + printable(series.name) + "' has frames 0 to " + std::to_string(series.frames() - 1) +
                        ", not " + std::to_string(*number));
    frames.push_back(frame);
  }
  if (frames.empty()) throw ConfigError("--frame names no frame");
  return frames;
}

class Plotter {
 public:
  explicit Plotter(const PlotOptions& options) : options_(options) {}

  std::vector<fs::path> run() {
    check_format(options_.output);
    if (options_.field.width < 0 || options_.field.width > 16384)
      throw ConfigError("--width " + std::to_string(options_.field.width) + ": pictures are 1 to 16384 pixels wide");
    const Kind kind = kind_of(options_.path);
    if (is_moving(options_.output) && (kind == Kind::run || kind == Kind::table))
      throw ConfigError("'" + printable(options_.path) + "' gives curves, which do not move; write .png or .svg");
    switch (kind) {
      case Kind::run:
        folder_ = fs::path(options_.path) / "plots";
        return run_directory();
      case Kind::output_folder:
        folder_ = fs::path(options_.path) / "plots";
        return output_folder();
      case Kind::table:
        return table();
      default:
        return frames(options_.path, 6);
    }
  }

 private:
  [[nodiscard]] bool names_columns() const { return !options_.table.x.empty() || !options_.table.y.empty(); }
  [[nodiscard]] bool asks_for_fields() const {
    return !options_.field.quantity.empty() || !options_.field.show.empty() || !options_.frames.empty() ||
           !options_.reference.empty() || options_.spectrum || is_moving(options_.output);
  }

  std::vector<fs::path> run_directory() {
    const fs::path run = options_.path;
    if (asks_for_fields())
      throw ConfigError("'" + run.string() +
                        "' is a run, which has curves; plot its dataset or the output folder of `eddyline predict`");
    if (names_columns()) return columns({run / "metrics.csv"});
    std::vector<Figure> figures;
    add(figures, usual_figures(run / "metrics.csv", "1"));
    if (fs::exists(run / "evaluation" / "evaluation.csv"))
      add(figures, usual_figures(run / "evaluation" / "evaluation.csv", "1"));
    return write(figures);
  }

  std::vector<fs::path> output_folder() {
    const fs::path folder = options_.path;
    if (names_columns()) return columns(files_of(folder, ".csv"));
    const auto collections = files_of(folder, ".pvd");
    if (asks_for_fields() || names_file(options_.output)) {
      const bool curves = options_.output.extension() == ".svg" && !options_.spectrum;
      if (!curves) return frames(newest(collections), 1);
    }
    std::vector<Figure> figures;
    std::string time_unit = "1";
    if (!collections.empty()) {
      const FrameSeries series = open_frames(newest(collections).string());
      time_unit = series.time_unit;
      figures.push_back(figure_of(series, usual_frames(series, 1)));
    }
    auto tables = files_of(folder, ".csv");
    std::sort(tables.begin(), tables.end());
    for (const fs::path& path : tables) add(figures, usual_figures(path, time_unit));
    return write(figures);
  }

  [[nodiscard]] fs::path newest(const std::vector<fs::path>& collections) const {
    if (collections.empty())
      throw ConfigError("'" + options_.path + "' has curves only: no ParaView collection (.pvd) is there");
    if (collections.size() > 1)
      log_info("showing " + collections.front().filename().string() + ", the newest of " +
               std::to_string(collections.size()) + " collections; name another one by its file");
    return collections.front();
  }

  std::vector<fs::path> table() {
    if (asks_for_fields()) throw ConfigError("'" + options_.path + "' is a table: choose columns by --x and --y");
    std::vector<Figure> figures;
    if (names_columns() || options_.table.log_x || options_.table.log_y || options_.table.range) {
      figures.push_back(
          {safe_file_name(fs::path(options_.path).stem().string()), table_figure(options_.path, options_.table)});
    } else {
      add(figures, usual_figures(options_.path, "1"));
    }
    return write(figures);
  }

  /// The chosen columns of the first table that has them all.
  std::vector<fs::path> columns(const std::vector<fs::path>& tables) {
    std::vector<std::string> wanted = options_.table.y, known;
    if (!options_.table.x.empty()) wanted.push_back(options_.table.x);
    for (const fs::path& path : tables) {
      const auto names = read_csv_groups(path).front().second.columns;
      known.insert(known.end(), names.begin(), names.end());
      const bool has_all = std::all_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
      });
      if (has_all) return write({{safe_file_name(path.stem().string()), table_figure(path, options_.table)}});
    }
    for (const std::string& name : wanted)
      if (std::find(known.begin(), known.end(), name) == known.end())
        throw ConfigError("no table in '" + options_.path + "' has a column '" + printable(name) + "'" +
                          suggestion(name, known));
    throw ConfigError("no table in '" + options_.path + "' has all the columns " + printable(join(wanted, ", ")));
  }

  std::vector<fs::path> frames(const std::string& path, std::size_t usual) {
    FrameSeries series = open_frames(path);
    if (!options_.reference.empty()) series = with_reference(std::move(series), open_frames(options_.reference));
    if (is_moving(options_.output)) {
      const auto shown =
          options_.frames.empty() ? all_frames(series, options_.every) : named_frames(series, options_.frames);
      if (options_.output.has_parent_path()) create_folder(options_.output.parent_path());
      write_animation(series, shown, options_.field, options_.output, static_cast<double>(options_.frames_per_second));
      return {options_.output};
    }
    std::vector<std::int64_t> shown;
    if (!options_.frames.empty()) {
      shown = named_frames(series, options_.frames);
    } else if (series.chosen) {
      shown = {*series.chosen};
    } else {
      shown = usual_frames(series, usual);
    }
    return write({figure_of(series, shown)});
  }

  /// The last frames of what has no reference, else a few that have one.
  [[nodiscard]] std::vector<std::int64_t> usual_frames(const FrameSeries& series, std::size_t usual) const {
    const auto all = all_frames(series, 1);
    if (shown_view(series, options_.field) == "prediction")
      return usual == 1 || options_.spectrum ? std::vector{all.back()} : spread_frames(all, usual);
    auto with = drawable_frames(series, all, options_.field);
    constexpr std::size_t compared = 4;
    return options_.spectrum ? std::vector{with.back()} : spread_frames(with, compared);
  }

  [[nodiscard]] Figure figure_of(const FrameSeries& series, const std::vector<std::int64_t>& shown) const {
    std::string name = safe_file_name(series.name);
    if (options_.spectrum) return {name + "_spectrum", spectrum_figure(series, shown, options_.field)};
    name += "_" + safe_file_name(shown_quantity(series, options_.field));
    const std::string view = shown_view(series, options_.field);
    if (series.has_reference) name += "_" + view;
    if (shown.size() == 1) name += "_" + numbered(shown[0]);
    if (series.grid->dimension() == 1) return {name, profile_figure(series, shown, options_.field)};
    return {name, field_figure(series, shown, options_.field)};
  }

  static void add(std::vector<Figure>& figures, std::vector<NamedPlot> more) {
    for (NamedPlot& one : more) figures.push_back({safe_file_name(one.name), std::move(one.plot)});
  }

  std::vector<fs::path> write(const std::vector<Figure>& figures) {
    if (figures.empty()) throw ConfigError("there is nothing to draw in '" + options_.path + "' yet");
    if (names_file(options_.output)) return {write_one(figures)};
    const fs::path folder = options_.output.empty() ? folder_ : options_.output;
    if (!folder.empty()) create_folder(folder);
    std::vector<fs::path> files;
    for (const Figure& figure : figures) {
      const std::string path = (folder / figure.name).string();
      if (const auto* canvas = std::get_if<Canvas>(&figure.content)) {
        write_png(path + ".png", *canvas);
        files.emplace_back(path + ".png");
      } else {
        write_plot(path, sized(std::get<LinePlot>(figure.content)));
        files.emplace_back(path + ".png");
        files.emplace_back(path + ".svg");
      }
    }
    return files;
  }

  /// The first figure that fits the format.
  fs::path write_one(const std::vector<Figure>& figures) {
    const bool scalable = options_.output.extension() == ".svg";
    for (const Figure& figure : figures) {
      const auto* curves = std::get_if<LinePlot>(&figure.content);
      if (scalable && curves == nullptr) continue;
      if (options_.output.has_parent_path()) create_folder(options_.output.parent_path());
      if (scalable) {
        write_atomically(options_.output, svg_plot(sized(*curves)));
      } else {
        write_png(options_.output, curves == nullptr ? std::get<Canvas>(figure.content) : draw_plot(sized(*curves)));
      }
      return options_.output;
    }
    throw ConfigError("an .svg file holds curves; pictures of fields are written as .png");
  }

  [[nodiscard]] LinePlot sized(LinePlot plot) const {
    const auto width = static_cast<int>(options_.field.width);
    if (width > 0) {
      plot.height = static_cast<int>(static_cast<std::int64_t>(plot.height) * width / plot.width);
      plot.width = width;
    }
    return plot;
  }

  const PlotOptions& options_;
  fs::path folder_;  // of files that are not named
};

}  // namespace

std::vector<fs::path> plot(const PlotOptions& options) { return Plotter(options).run(); }

}  // namespace eddyline
