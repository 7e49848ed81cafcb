#pragma once
// A scalar that the flow carries: temperature, smoke, a tracer.

#include <vector>

#include "solvers/incompressible/momentum.hpp"

namespace eddyline {

/// What is carried through a face. central: mean of the two cells, keeps the integrals of s and s^2. van_leer: the
/// value that a limited slope (van Leer 1974) gives upstream; s stays within its bounds.
enum class ScalarFlux { central, van_leer };

/// ds/dt + div(u s) = div(D grad s) + source in the fluid part of every cell, in flux form: what leaves a cell enters
/// its neighbour, and a uniform s stays uniform. Prescribed sides: value on the side, derivative to second order
/// (van_leer: to first, which keeps the bounds); all others pass no diffusive flux and are left, or entered, with the
/// value of the cell beside them. Bodies pass nothing. Capacity of a cell: its fluid area, at least 0.3 of the cell;
/// the floor only slows the transients of slivers. The same bits for any number of threads.
class ScalarTransport {
 public:
  ScalarTransport(const CutCells& cells, const Sides& sides, const MomentumGeometry& geometry, double diffusivity,
                  ScalarFlux flux);
  /// An array with the ghosts that the stencil needs.
  [[nodiscard]] Array2 field() const { return Array2(cells_.nx, cells_.ny, 0.0, 2); }
  void fill_ghosts(Array2& scalar) const;
  /// One stage from `start` and `scalar`, all with filled ghosts; `time` is that of `scalar`, `source` may be null.
  void advance(const FaceVelocity& velocity, const Array2& scalar, double time, const Array2* source,
               const Array2& start, const Stage& stage, Array2& next) const;
  /// The rate of change.
  void rate(const FaceVelocity& velocity, const Array2& scalar, double time, const Array2* source, Array2& out) const;
  /// Rate (1 / time) whose inverse is the largest stable step of SSP-RK3 in a cell; for van_leer the largest that keeps
  /// the bounds.
  [[nodiscard]] double stability_rate(const FaceVelocity& velocity, std::int64_t i, std::int64_t j) const;
  /// Over the capacity of the domain: constant in a closed box without sources.
  [[nodiscard]] double mean(const Array2& scalar) const;
  /// D ds/dn outwards integrated over the length of a prescribed side, its length and the mean prescribed value.
  struct SideHeat {
    double inflow, length, value;
  };
  [[nodiscard]] SideHeat side_heat(int side, const Array2& scalar, double time) const;

 private:
  struct Ends {  // of rows (x sides) or columns (y sides): prescribed values, empty where there are none
    std::vector<double> low, high;
  };
  [[nodiscard]] Ends ends(int axis, double time) const;
  /// Flux through a side into the domain, less `carried` volume times value.
  [[nodiscard]] double side_flux(int side, std::int64_t along, const Array2& scalar, double carried,
                                 const std::vector<double>& prescribed) const;
  template <class Consume>
  void for_rows(const FaceVelocity& velocity, const Array2& scalar, double time, const Array2* source,
                Consume consume) const;
  template <ScalarFlux flux, class Consume>
  void for_rows_with(const FaceVelocity& velocity, const Array2& scalar, double time, const Array2* source,
                     Consume consume) const;

  CutCells cells_;
  Sides sides_;
  double diffusivity_;
  ScalarFlux flux_;
  Array2 length_x_, length_y_;  // open, with ghosts
  Array2 inverse_capacity_, diffusive_;
  LineSpacing along_x_, along_y_;
};

}  // namespace eddyline
