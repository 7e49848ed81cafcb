// Carries a flow forward with a trained operator and writes it for ParaView.
// usage: forecast RUN FRAMES OUTPUT.vti

#include <ATen/ops/ones.h>

#include <iostream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/io/vtk_writer.hpp"
#include "core/training/surrogate.hpp"

int main(int argc, char** argv) try {
  const auto frames = argc == 4 ? eddyline::parse_integer(argv[2]) : std::nullopt;
  if (!frames) throw eddyline::ConfigError("usage: forecast RUN FRAMES OUTPUT.vti");
  const auto model = eddyline::Surrogate::load(argv[1]);
  const eddyline::DatasetInfo& data = model.data();
  const auto shape = [&](std::size_t channels) {
    auto sizes = data.grid->cell_shape();
    sizes.insert(sizes.begin(), static_cast<std::int64_t>(channels));
    return sizes;
  };

  // A fluid that moves everywhere with velocity and pressure 1, fluid in every cell, every parameter 1.
  const std::vector<double> parameters(data.parameters.size(), 1.0);
  const auto stepper = model.stepper(parameters, at::ones(shape(data.static_channels.size())));
  const auto names = eddyline::channel_names(data.channels);
  const std::vector<eddyline::State> past(
      static_cast<std::size_t>(stepper->history()),
      eddyline::cell_state(nullptr, 0, names, at::ones(shape(data.channels.size()))));
  const auto states = stepper->advance(past, model.dt_range().first, static_cast<int>(*frames));

  const eddyline::State& last = states.back();
  eddyline::write_vtk(argv[3], {data.grid.get(), last.time, data.length_unit, data.time_unit,
                                eddyline::vtk_arrays(last, data.channels)});
  std::cout << "wrote " << argv[3] << ", t = " << last.time << "\n";
  return 0;
} catch (const eddyline::Error& error) {
  std::cerr << error.what() << "\n";
  return static_cast<int>(error.code());
}
