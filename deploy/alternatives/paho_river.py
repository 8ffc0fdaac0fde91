"""As paho_sqlite.py, with river's rolling variance in the window's place."""

from river import stats, utils

import paho_sqlite
from common import WINDOW


class RiverWindow:
    """Mean and variance of the last values, by river."""

    __slots__ = ("mean", "variance", "count")

    def __init__(self):
        self.mean = utils.Rolling(stats.Mean, window_size=WINDOW)
        self.variance = utils.Rolling(stats.Var, window_size=WINDOW)
        self.count = 0

    def take(self, value):
        stands_out = False
        if self.count >= 8:
            mean = self.mean.get()
            deviation = max(self.variance.get(), 0.0) ** 0.5
            stands_out = abs(value - mean) > max(6 * deviation, 1e-3 * abs(mean) + 1e-3)
        self.count += 1
        self.mean.update(value)
        self.variance.update(value)
        return stands_out


if __name__ == "__main__":
    paho_sqlite.main(window=RiverWindow)
