"""Writes tests/data/fuzz/hdf5: files in The Well's schema that are whole, incomplete or contradict themselves.

usage: python tests/faults/make_hdf5_corpus.py tests/data/fuzz/hdf5     (needs h5py and numpy)
"""
import sys

import h5py
import numpy as np

FOLDER = sys.argv[1]
GROUPS = ["dimensions", "boundary_conditions", "scalars", "t0_fields", "t1_fields", "t2_fields"]


def write(name, change=lambda file: None):
    """Two trajectories of three frames on 4 x 3 cells; `change` spoils them."""
    with h5py.File(f"{FOLDER}/{name}.hdf5", "w", libver=("earliest", "v110")) as file:
        file.attrs["dataset_name"] = "tiny"
        file.attrs["n_trajectories"] = 2
        for group in GROUPS:
            file.create_group(group).attrs["field_names"] = np.array([], dtype=h5py.string_dtype())
        texts = h5py.string_dtype()
        file["dimensions"].attrs["spatial_dims"] = np.array(["x", "y"], dtype=texts)
        file["t0_fields"].attrs["field_names"] = np.array(["p"], dtype=texts)
        file["t1_fields"].attrs["field_names"] = np.array(["velocity"], dtype=texts)
        file["scalars"].attrs["field_names"] = np.array(["re"], dtype=texts)
        file["dimensions/time"] = np.arange(3, dtype="f4")
        file["dimensions/x"] = np.arange(4, dtype="f4")
        file["dimensions/y"] = np.arange(3, dtype="f4")
        file["t0_fields/p"] = np.ones((2, 3, 4, 3), dtype="f4")
        file["t1_fields/velocity"] = np.ones((2, 3, 4, 3, 2), dtype="f4")
        file["scalars/re"] = np.array([1, 2], dtype="f4")
        change(file)


def put(path, values):
    def change(file):
        del file[path]
        file[path] = values

    return change


def attribute(object_, name, value):
    def change(file):
        file[object_].attrs[name] = value

    return change


def drop(path):
    def change(file):
        del file[path]

    return change


nan = np.ones((2, 3, 4, 3), dtype="f4")
nan[1, 2, 3, 0] = np.nan
write("good_small")
write("bad_nan", put("t0_fields/p", nan))
write("bad_no_time", drop("dimensions/time"))
write("bad_no_group", drop("t2_fields"))
write("bad_no_field", drop("t0_fields/p"))
write("bad_empty_time", put("dimensions/time", np.zeros((0,), dtype="f4")))
write("bad_time_of_three_axes", put("dimensions/time", np.zeros((1, 1, 3), dtype="f4")))
write("bad_time_is_nan", put("dimensions/time", np.full((3,), np.nan, dtype="f4")))
write("bad_axis_of_two", put("dimensions/x", np.zeros((0, 4), dtype="f4")))
write("bad_axis_falls", put("dimensions/x", np.array([3, 2, 1, 0], dtype="f4")))
write("bad_axis_is_nan", put("dimensions/x", np.array([0, np.nan, 2, 3], dtype="f4")))
write("bad_axis_is_text", put("dimensions/x", np.array(["a", "b"], dtype=h5py.string_dtype())))
write("bad_fewer_cells", put("t0_fields/p", np.ones((2, 3, 2, 3), dtype="f4")))
write("bad_more_cells", put("t0_fields/p", np.ones((2, 3, 9, 3), dtype="f4")))
write("bad_fewer_frames", put("t0_fields/p", np.ones((2, 2, 4, 3), dtype="f4")))
write("bad_fewer_trajectories", put("t0_fields/p", np.ones((1, 3, 4, 3), dtype="f4")))
write("bad_rank", put("t0_fields/p", np.ones((2, 3), dtype="f4")))
write("bad_scalar_field", put("t0_fields/p", np.float32(1)))
write("bad_text_field", put("t0_fields/p", np.array(["a"], dtype=h5py.string_dtype())))
write("bad_compound_field", put("t0_fields/p", np.zeros((2,), dtype=[("a", "f4"), ("b", "i4")])))
write("bad_component_missing", put("t1_fields/velocity", np.ones((2, 3, 4, 3, 1), dtype="f4")))
write("bad_parameter_short", put("scalars/re", np.array([1], dtype="f4")))
write("bad_parameter_is_nan", put("scalars/re", np.array([np.nan, 1], dtype="f4")))
write("bad_parameter_of_two_axes", put("scalars/re", np.ones((2, 2), dtype="f4")))
write("bad_count_huge", attribute("/", "n_trajectories", 1e300))
write("bad_count_nan", attribute("/", "n_trajectories", np.nan))
write("bad_count_negative", attribute("/", "n_trajectories", -4))
write("bad_count_text", attribute("/", "n_trajectories", "two"))
write("bad_four_axes", attribute("dimensions", "spatial_dims", np.array(list("xyzw"), dtype=h5py.string_dtype())))
write("bad_unknown_axis", attribute("dimensions", "spatial_dims", np.array(["x", "../t0_fields/p"], dtype=h5py.string_dtype())))
write("good_empty_name", attribute("/", "dataset_name", np.array([], dtype=h5py.string_dtype())))
write("good_empty_unit", attribute("t0_fields/p", "unit", np.array([], dtype=h5py.string_dtype())))


def bomb(file):
    del file["t0_fields/p"]
    file.create_dataset("t0_fields/p", shape=(2, 3, 4, 3), chunks=(2, 3, 4, 3), maxshape=(None, 3, 4, 3), dtype="f4")
    file["t0_fields/p"].resize((2**40, 3, 4, 3))


write("bad_sixteen_terabytes", bomb)


def soft_link(file):
    del file["t0_fields/p"]
    file["t0_fields/p"] = h5py.SoftLink("/t0_fields/p")


write("bad_link_to_itself", soft_link)


def external_link(file):
    del file["t0_fields/p"]
    file["t0_fields/p"] = h5py.ExternalLink("good_small.hdf5", "/t0_fields/p")


write("bad_external_link", external_link)
open(f"{FOLDER}/bad_empty.hdf5", "wb").close()
open(f"{FOLDER}/bad_text.hdf5", "w").write("not HDF5 at all\n" * 40)
whole = open(f"{FOLDER}/good_small.hdf5", "rb").read()
open(f"{FOLDER}/bad_half.hdf5", "wb").write(whole[: len(whole) // 2])
open(f"{FOLDER}/bad_first_kilobyte.hdf5", "wb").write(whole[:1000])
