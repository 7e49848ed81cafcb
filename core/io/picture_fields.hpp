#pragma once
// Pictures of two-dimensional fields: several panels with shared scales, bodies in grey, axes and colour bars.

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/domain/grid.hpp"
#include "core/domain/shape.hpp"
#include "core/io/picture.hpp"

namespace eddyline {

/// What colour a value gets.
struct ColourScale {
  ColourMap map = ColourMap::sequential;
  double low = 0, high = 1;
  std::string label;                                  // name and unit: "vorticity [1/s]"
  bool clipped_below = false, clipped_above = false;  // values beyond the ends exist; the bar shows an arrow there
};

/// The scale that the finite values of all these fields (in fluid cells) share: their range, symmetric about zero for a
/// diverging map.
/// @param fluid  bool, cell shape; undefined means everywhere.
/// @param kept  fraction of the values that lies inside; below 1 single extreme cells do not wash out the rest.
[[nodiscard]] ColourScale shared_scale(const std::vector<at::Tensor>& fields, const at::Tensor& fluid, ColourMap map,
                                       const std::string& label, double kept = 1);

/// A row of panels with one scale.
struct PanelRow {
  std::string label;
  std::vector<at::Tensor> fields;  // [H, W] each; NaN is shown in light grey
  ColourScale scale;
  std::vector<std::string> titles = {};  // over each panel, besides `FieldPicture::columns`; may be empty
};

struct FieldPicture {
  std::string title;
  const Grid* grid = nullptr;          // two-dimensional
  std::vector<ObstacleConfig> bodies;  // drawn in grey with smooth edges
  at::Tensor fluid;                    // bool, cell shape; other cells are grey too; undefined: as `bodies` say
  std::string length_unit = "1";
  std::vector<std::string> columns;  // a title over each column; may be empty
  std::vector<PanelRow> rows;
  bool one_bar = false;  // the scale of the first row holds for all: one colour bar beside them
  bool smooth = true;    // bilinear between cell centres; else each cell is a block
  int width = 0;         // of the picture, pixels, about; 0 chooses one
};

/// Cells keep their physical aspect ratio; y points up.
/// @throws ShapeError when a field does not fit the grid or the grid is not two-dimensional.
[[nodiscard]] Canvas draw_fields(const FieldPicture& picture);

}  // namespace eddyline
