#pragma once
// The compressible Euler equations of an ideal gas, at one point:
//   d rho/dt + div(rho u) = 0,  d(rho u)/dt + div(rho u u) + grad p = 0,  dE/dt + div((E + p) u) = 0,
//   E = p / (gamma - 1) + rho |u|^2 / 2.
// Toro, Riemann Solvers and Numerical Methods for Fluid Dynamics, 3rd ed. (2009), chapter 3.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

template <int Dimension>
struct CompressibleEuler {
  static constexpr int dimension = Dimension;
  static constexpr int conserved_count = Dimension + 2;  // rho, rho u, (rho v, rho w,) E
  static constexpr int primitive_count = Dimension + 2;  // rho, u, (v, w,) p
  static constexpr int first_vector = 1;                 // component 1 of both is normal to the face
  static constexpr int energy = Dimension + 1, pressure = Dimension + 1;
  static constexpr bool has_bed = false, has_gradient_flux = false;
  static constexpr bool has_open_sides = true;
  static constexpr std::array<int, 2> positive = {0, pressure};
  template <class Real>
  using State = std::array<Real, conserved_count>;

  double gamma = 1.4;  // ratio of specific heats

  /// Density of kinetic energy rho |u|^2 / 2 of a primitive state. The components are paired so that exchanging the two
  /// components along a face leaves every bit.
  template <class Real>
  [[nodiscard]] Real kinetic_energy(const State<Real>& w) const {
    Real square = w[1] * w[1];
    if constexpr (Dimension == 2) square = square + w[2] * w[2];
    if constexpr (Dimension == 3) square = square + (w[2] * w[2] + w[3] * w[3]);
    return 0.5 * w[0] * square;
  }

  template <class Real>
  [[nodiscard]] State<Real> conserved(const State<Real>& w) const {
    State<Real> u;
    u[0] = w[0];
    for (int d = 1; d <= Dimension; ++d) u[d] = w[0] * w[d];
    u[energy] = w[pressure] * (1 / (gamma - 1)) + kinetic_energy(w);
    return u;
  }

  template <class Real>
  [[nodiscard]] State<Real> primitive(const State<Real>& u) const {
    const Real inverse = 1.0 / u[0];
    State<Real> w;
    w[0] = u[0];
    for (int d = 1; d <= Dimension; ++d) w[d] = u[d] * inverse;
    w[pressure] = (gamma - 1) * (u[energy] - kinetic_energy(w));
    return w;
  }

  template <class Real>
  [[nodiscard]] Real sound_speed(const State<Real>& w) const {
    using std::sqrt;
    return sqrt(gamma * w[pressure] / w[0]);
  }

  /// Flux through a face with normal +x of density `w[0]`, velocity `w[1..]`, pressure and energy density given apart
  /// (the star states of approximate Riemann solvers have an energy of their own).
  template <class Real>
  [[nodiscard]] State<Real> flux(const State<Real>& w, const Real& energy_density) const {
    State<Real> f;
    const Real mass = w[0] * w[1];
    f[0] = mass;
    f[1] = mass * w[1] + w[pressure];
    for (int d = 2; d <= Dimension; ++d) f[d] = mass * w[d];
    f[energy] = (energy_density + w[pressure]) * w[1];
    return f;
  }
  template <class Real>
  [[nodiscard]] State<Real> flux(const State<Real>& w) const {
    const Real energy_density = w[pressure] * (1 / (gamma - 1)) + kinetic_energy(w);
    return flux(w, energy_density);
  }

  /// Slowest and fastest signal along x: u - c, u + c.
  template <class Real>
  [[nodiscard]] std::array<Real, 2> signal_speeds(const State<Real>& w) const {
    const Real c = sound_speed(w);
    return {w[1] - c, w[1] + c};
  }

  /// Sum over the axes of the largest signal speed over the cell width: 1 / dt at a Courant number of one.
  template <class Real>
  [[nodiscard]] Real rate(const State<Real>& w, const std::array<double, 3>& inverse_width) const {
    const Real c = sound_speed(w);
    Real sum = (magnitude(w[1]) + c) * inverse_width[0];
    for (int d = 2; d <= Dimension; ++d) sum = sum + (magnitude(w[d]) + c) * inverse_width[d - 1];
    return sum;
  }

  template <class Real>
  [[nodiscard]] auto is_admissible(const State<Real>& w) const {
    return w[0] > 0.0 && w[pressure] > 0.0;
  }

  /// Waves along x about one state: their amplitudes p - rho c u, rho - p / c^2, p + rho c u (and the velocities along
  /// the face), of primitive states.
  template <class Real>
  struct Waves {
    Real impedance, inverse_square, inverse_impedance;  // rho c, 1 / c^2, 1 / (rho c)

    [[nodiscard]] State<Real> amplitudes(const State<Real>& w) const {
      State<Real> out = w;
      const Real jump = impedance * w[1];
      out[0] = w[0] - w[pressure] * inverse_square;
      out[1] = w[pressure] - jump;
      out[pressure] = w[pressure] + jump;
      return out;
    }
    [[nodiscard]] State<Real> state(const State<Real>& amplitudes) const {
      State<Real> w = amplitudes;
      w[pressure] = 0.5 * (amplitudes[1] + amplitudes[pressure]);
      w[1] = 0.5 * inverse_impedance * (amplitudes[pressure] - amplitudes[1]);
      w[0] = amplitudes[0] + w[pressure] * inverse_square;
      return w;
    }
  };
  template <class Real>
  [[nodiscard]] Waves<Real> waves(const Real& density, const Real& square) const {
    using std::sqrt;
    const Real impedance = density * sqrt(square);
    return {impedance, 1.0 / square, 1.0 / impedance};
  }
  /// About the Roe average of two states (Roe, J. Comput. Phys. 43 (1981) 357).
  template <class Real>
  [[nodiscard]] Waves<Real> characteristics(const State<Real>& left, const State<Real>& right) const {
    using std::sqrt;
    const Real root_left = sqrt(left[0]), root_right = sqrt(right[0]), inverse = 1.0 / (root_left + root_right);
    // c^2 = (gamma - 1) (H - |u|^2 / 2) of the averages, with H = c^2 / (gamma - 1) + |u|^2 / 2 on either side: what
    // the velocities add is the jump's kinetic energy.
    State<Real> jump = left;
    for (int d = 1; d <= Dimension; ++d) jump[d] = right[d] - left[d];
    jump[0] = 1.0;
    const Real product = root_left * root_right, square_left = gamma * left[pressure] / left[0],
               square_right = gamma * right[pressure] / right[0];
    const Real square = (root_left * square_left + root_right * square_right) * inverse +
                        (gamma - 1) * (product * inverse) * (inverse * kinetic_energy(jump));
    return waves(product, square);
  }

  /// The state beyond an open side: what runs out is taken from `inside`, what runs in from `outside`, in waves about
  /// their mean. @param normal  1 when the side's outward normal is +x, -1 when it is -x.
  template <class Real>
  [[nodiscard]] State<Real> far_state(const State<Real>& inside, const State<Real>& outside, double normal) const {
    using std::sqrt;
    const Real density = 0.5 * (inside[0] + outside[0]);
    const Real square = gamma * (inside[pressure] + outside[pressure]) / (inside[0] + outside[0]), c = sqrt(square);
    const Real speed = normal * 0.5 * (inside[1] + outside[1]);
    const Waves<Real> about = waves(density, square);
    State<Real> in = inside, out = outside;
    in[1] = normal * in[1];
    out[1] = normal * out[1];
    const State<Real> leaving = about.amplitudes(in), coming = about.amplitudes(out);
    State<Real> ghost;
    for (int k = 0; k < primitive_count; ++k) {
      const Real wave = k == 1 ? speed - c : (k == pressure ? speed + c : speed);
      ghost[k] = select(wave > 0.0, leaving[k], coming[k]);
    }
    State<Real> w = about.state(ghost);
    w[1] = normal * w[1];
    return w;
  }
  /// The state beyond an outflow: as inside, but for a wave that runs in and lowers the amplitude p - rho c u by `part`
  /// of the pressure's difference to the wanted one. Poinsot & Lele, J. Comput. Phys. 101 (1992) 104, eq. 40.
  template <class Real>
  [[nodiscard]] State<Real> outflow_state(const State<Real>& inside, const Real& wanted, const Real& part,
                                          double normal) const {
    using std::sqrt;
    const Real square = gamma * inside[pressure] / inside[0], c = sqrt(square);
    const auto is_subsonic = normal * inside[1] < c;
    const Real change = select(is_subsonic, part * (wanted - inside[pressure]), Real(0.0));
    State<Real> w = inside;
    w[pressure] = inside[pressure] + 0.5 * change;
    w[1] = inside[1] - normal * 0.5 * change / (inside[0] * c);
    w[0] = inside[0] + 0.5 * change / square;
    return w;
  }
};

}  // namespace eddyline
