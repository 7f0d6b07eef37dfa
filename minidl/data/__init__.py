"""Data: where points come from, how they are prepared, and how they are batched."""

from minidl.data import clouds, csv_file, curves, modular, planes, real, regression, teacher
from minidl.data.batching import SHUFFLES, batches
from minidl.data.disk import Disk, disk
from minidl.data.source import Dataset, DataSource

__all__ = ["SHUFFLES", "DataSource", "Dataset", "Disk", "batches", "disk"]
__all__ += ["clouds", "csv_file", "curves", "modular", "planes", "real", "regression", "teacher"]
