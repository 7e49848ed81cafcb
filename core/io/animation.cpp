#include "core/io/animation.hpp"

#include <gif_lib.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkOggTheoraWriter.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {
namespace {

void check_size(const std::filesystem::path& path, const Canvas& frame, int width, int height) {
  if (frame.width() == width && frame.height() == height) return;
  throw ShapeError("'" + path.string() + "' has frames of " + std::to_string(width) + " x " + std::to_string(height) +
                   " pixels, another of " + std::to_string(frame.width()) + " x " + std::to_string(frame.height()) +
                   " does not fit");
}

/// Places of colours in a palette, each looked up once.
class Palette {
 public:
  explicit Palette(std::vector<Colour> colours) : colours_(std::move(colours)) {}
  [[nodiscard]] const std::vector<Colour>& colours() const { return colours_; }
  [[nodiscard]] GifPixelType nearest(Colour wanted) {
    const std::uint32_t key = (std::uint32_t{wanted.red} << 16) | (std::uint32_t{wanted.green} << 8) | wanted.blue;
    const auto known = places_.find(key);
    if (known != places_.end()) return known->second;
    int best = std::numeric_limits<int>::max();
    std::size_t place = 0;
    for (std::size_t i = 0; i < colours_.size(); ++i) {
      const int red = colours_[i].red - wanted.red, green = colours_[i].green - wanted.green,
                blue = colours_[i].blue - wanted.blue;
      const int distance = red * red + green * green + blue * blue;
      if (distance >= best) continue;
      best = distance;
      place = i;
    }
    return places_[key] = static_cast<GifPixelType>(place);
  }

 private:
  std::vector<Colour> colours_;
  std::unordered_map<std::uint32_t, GifPixelType> places_;
};

/// The smallest rectangle that holds every pixel that differs.
struct Change {
  int left = 0, top = 0, right = 0, bottom = 0;  // right and bottom are one beyond
};

Change change_between(const std::vector<GifPixelType>& before, const std::vector<GifPixelType>& now, int width,
                      int height) {
  Change change{width, height, 0, 0};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
      if (before[i] == now[i]) continue;
      change = {std::min(change.left, x), std::min(change.top, y), std::max(change.right, x + 1),
                std::max(change.bottom, y + 1)};
    }
  if (change.right == 0) return {0, 0, 1, 1};  // an equal frame still takes its time
  return change;
}

struct GifClose {
  void operator()(GifFileType* file) const {
    int ignored = 0;
    static_cast<void>(EGifCloseFile(file, &ignored));  // only reached when the file is given up
  }
};

class GifAnimation final : public Animation {
 public:
  GifAnimation(const std::filesystem::path& path, const AnimationOptions& options)
      : path_(path), target_(path), palette_(options.palette), delay_(std::lround(100 / options.frames_per_second)) {}

  void add(const Canvas& frame) override {
    if (!file_) begin(frame);
    check_size(path_, frame, file_->SWidth, file_->SHeight);
    const int width = frame.width(), height = frame.height();
    std::vector<GifPixelType> pixels;
    pixels.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) pixels.push_back(palette_.nearest(frame.pixel(x, y)));
    const Change change =
        before_.empty() ? Change{0, 0, width, height} : change_between(before_, pixels, width, height);
    const GraphicsControlBlock control{DISPOSE_DO_NOT, false, static_cast<int>(delay_), NO_TRANSPARENT_COLOR};
    std::array<GifByteType, 4> extension{};
    const std::size_t length = EGifGCBToExtension(&control, extension.data());
    check(EGifPutExtension(file_.get(), GRAPHICS_EXT_FUNC_CODE, static_cast<int>(length), extension.data()));
    check(EGifPutImageDesc(file_.get(), change.left, change.top, change.right - change.left, change.bottom - change.top,
                           false, nullptr));
    for (int y = change.top; y < change.bottom; ++y)
      check(EGifPutLine(file_.get(), pixels.data() + static_cast<std::ptrdiff_t>(y) * width + change.left,
                        change.right - change.left));
    before_ = std::move(pixels);
  }

  void finish() override {
    if (!file_) throw DataError("'" + path_.string() + "' would have no frame");
    int error = 0;
    if (EGifCloseFile(file_.release(), &error) != GIF_OK) fail(error);
    target_.commit();
  }

 private:
  void begin(const Canvas& frame) {
    int error = 0;
    file_.reset(EGifOpenFileName(target_.temporary().c_str(), false, &error));
    if (!file_) fail(error);
    EGifSetGifVersion(file_.get(), true);
    std::array<GifColorType, 256> colours{};
    for (std::size_t i = 0; i < palette_.colours().size(); ++i) {
      const Colour colour = palette_.colours()[i];
      colours[i] = {colour.red, colour.green, colour.blue};
    }
    const std::unique_ptr<ColorMapObject, void (*)(ColorMapObject*)> map(GifMakeMapObject(256, colours.data()),
                                                                         GifFreeMapObject);
    if (!map) throw ResourceError("no memory for the palette of '" + path_.string() + "'");
    check(EGifPutScreenDesc(file_.get(), frame.width(), frame.height(), 8, 0, map.get()));
    // The application extension by which every viewer repeats the animation without end (Netscape 2.0).
    const std::array<GifByteType, 3> forever = {1, 0, 0};
    check(EGifPutExtensionLeader(file_.get(), APPLICATION_EXT_FUNC_CODE));
    check(EGifPutExtensionBlock(file_.get(), 11, "NETSCAPE2.0"));
    check(EGifPutExtensionBlock(file_.get(), static_cast<int>(forever.size()), forever.data()));
    check(EGifPutExtensionTrailer(file_.get()));
  }
  void check(int result) const {
    if (result != GIF_OK) fail(file_->Error);
  }
  [[noreturn]] void fail(int error) const {
    const char* reason = GifErrorString(error);
    throw IoError("'" + path_.string() + "' cannot be written: " + (reason == nullptr ? "unknown reason" : reason));
  }

  std::filesystem::path path_;
  AtomicFile target_;
  Palette palette_;
  long delay_;  // hundredths of a second
  std::unique_ptr<GifFileType, GifClose> file_;
  std::vector<GifPixelType> before_;
};

class TheoraAnimation final : public Animation {
 public:
  TheoraAnimation(const std::filesystem::path& path, const AnimationOptions& options) : path_(path), target_(path) {
    writer_->SetFileName(target_.temporary().c_str());
    writer_->SetRate(static_cast<int>(std::lround(options.frames_per_second)));
    writer_->SetQuality(2);
    image_->SetDimensions(1, 1, 1);
  }
  ~TheoraAnimation() override {
    if (started_) writer_->End();
  }
  void add(const Canvas& frame) override {
    if (!started_) {
      image_->SetDimensions(frame.width(), frame.height(), 1);
      image_->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
    }
    check_size(path_, frame, image_->GetDimensions()[0], image_->GetDimensions()[1]);
    copy_pixels(frame, *image_);
    if (!started_) {
      writer_->SetInputData(image_);
      writer_->Start();
      started_ = true;
    }
    writer_->Write();
    check();
  }
  void finish() override {
    if (!started_) throw DataError("'" + path_.string() + "' would have no frame");
    started_ = false;
    writer_->End();
    check();
    target_.commit();
  }

 private:
  void check() const {
    if (writer_->GetError() == 0) return;
    throw IoError("'" + path_.string() +
                  "' cannot be written: " + vtkGenericMovieWriter::GetStringFromErrorCode(writer_->GetErrorCode()));
  }
  std::filesystem::path path_;
  AtomicFile target_;
  vtkNew<vtkOggTheoraWriter> writer_;
  vtkNew<vtkImageData> image_;
  bool started_ = false;
};

}  // namespace

const std::vector<std::string>& animation_extensions() {
  static const std::vector<std::string> extensions = {".gif", ".ogv"};
  return extensions;
}

std::unique_ptr<Animation> open_animation(const std::filesystem::path& path, const AnimationOptions& options) {
  const double rate = options.frames_per_second;
  if (!(rate >= 1 && rate <= 50))
    throw ConfigError("an animation shows 1 to 50 frames a second, not " + format_number(rate));
  if (options.palette.size() > 256)
    throw ConfigError("a GIF has at most 256 colours, not " + std::to_string(options.palette.size()));
  if (path.extension() == ".ogv") return std::make_unique<TheoraAnimation>(path, options);
  if (path.extension() != ".gif")
    throw ConfigError("animations are written as " + join(animation_extensions(), " or ") + ", not as '" +
                      printable(path.extension().string()) + "'");
  AnimationOptions complete = options;
  if (complete.palette.empty()) complete.palette = animation_palette({ColourMap::sequential, ColourMap::diverging});
  return std::make_unique<GifAnimation>(path, complete);
}

std::vector<Colour> animation_palette(const std::vector<ColourMap>& maps) {
  constexpr std::size_t greys = 40, tints = 4, colours = 6, all = 256;
  std::vector<Colour> palette;
  const auto mixed = [](std::uint8_t part, double weight) {
    return static_cast<std::uint8_t>(std::lround(weight * part + (1 - weight) * 255));
  };
  for (std::size_t i = 0; i < greys; ++i) {
    const auto level = static_cast<std::uint8_t>(std::lround(255.0 * static_cast<double>(i) / (greys - 1)));
    palette.push_back({level, level, level});
  }
  palette.push_back(body_colour);  // bodies: the greys of the ramp lie beside it
  for (std::size_t c = 0; c < colours; ++c)
    for (std::size_t t = 1; t <= tints; ++t) {
      const double weight = static_cast<double>(t) / tints;
      const Colour colour = curve_colour(c);
      palette.push_back({mixed(colour.red, weight), mixed(colour.green, weight), mixed(colour.blue, weight)});
    }
  if (maps.empty()) return palette;
  const std::size_t each = (all - palette.size()) / maps.size();
  for (const ColourMap map : maps)
    for (std::size_t i = 0; i < each; ++i)
      palette.push_back(colour_at(map, static_cast<double>(i) / static_cast<double>(each - 1)));
  return palette;
}

}  // namespace eddyline
