"""What every test shares: one torch thread, as in a worker of a study."""

import torch

import minidl.everything  # noqa: F401  # registers the components that tests loop over

torch.set_num_threads(1)
