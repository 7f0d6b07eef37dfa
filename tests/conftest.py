"""What every test shares: one torch thread, as in a worker of a study."""

import torch

torch.set_num_threads(1)
