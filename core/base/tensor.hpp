#pragma once
// What the framework takes from LibTorch: tensors, gradients, modules. Everything else of torch/torch.h (data loaders,
// optimisers, all layers, the compiler of scripts) would double the time to compile a file. Precompiled: see
// cmake/PrecompiledTorch.cmake. Layers: operators/kernels/layers.hpp.

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>
