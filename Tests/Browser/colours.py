"""Whether colours differ for people with a colour vision deficiency.

Simulated after Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency"
(IEEE TVCG 15, 2009), at full severity; distances in CIELAB (CIE 1976).
"""

import itertools
import math

SIGHT = {
    "usual sight": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[.152286, 1.052583, -.204868], [.114503, .786281, .099216], [-.003882, -.048116, 1.051998]],
    "deuteranopia": [[.367322, .860646, -.227968], [.280085, .672501, .047413], [-.011820, .042940, .968881]],
    "tritanopia": [[1.255528, -.076749, -.178779], [-.078411, .930809, .147602], [.004733, .691367, .303900]],
}
# About six times what is just noticeable side by side.
LEAST = 14


def told_apart(colours):
    """The pairs of `{name: '#rrggbb'}` that are too near, a sentence each."""
    found = []
    for (a, first), (b, second) in itertools.combinations(colours.items(), 2):
        for sight, matrix in SIGHT.items():
            distance = math.dist(_lab(_seen(first, matrix)), _lab(_seen(second, matrix)))
            if distance < LEAST:
                found.append(f"{a} and {b} differ by {distance:.1f} with {sight}")
    return found


def _seen(colour, matrix):
    channels = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= .04045 else ((c + .055) / 1.055) ** 2.4 for c in channels]
    return [min(1, max(0, sum(x * y for x, y in zip(row, linear)))) for row in matrix]


def _lab(linear):
    red, green, blue = linear
    x = (.4124 * red + .3576 * green + .1805 * blue) / .95047
    y = .2126 * red + .7152 * green + .0722 * blue
    z = (.0193 * red + .1192 * green + .9505 * blue) / 1.08883
    f = lambda t: t ** (1 / 3) if t > .008856 else 7.787 * t + 16 / 116
    return 116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))
