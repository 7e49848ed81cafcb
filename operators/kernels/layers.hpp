#pragma once
// What operators are built from: LibTorch's layers and transforms beside core/base/tensor.hpp. Precompiled like it.

#include <torch/autograd.h>
#include <torch/fft.h>
#include <torch/nn/functional/activation.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "core/base/tensor.hpp"
