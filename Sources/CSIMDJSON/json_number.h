// A number of a JSON document. All of it reads inside a padded buffer.
// A header, so that the walk and it compile as one: apart they cost twice the time.

#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>

#include "include/csimdjson.h"

// The data path is one loop over members: calls in it cost more than the work.
#define CSJ_INLINE inline __attribute__((always_inline))

namespace csj {

/// Whether a scalar may end before this byte.
inline bool ends_scalar(uint8_t c) {
    switch (c) {
    case ',': case ':': case ']': case '}': case '[': case '{': case ' ': case '\t': case '\n': case '\r': case 0:
        return true;
    default: return false;
    }
}

inline bool is_digit(uint8_t c) { return uint8_t(c - '0') < 10; }

/// Powers of ten that a double holds exactly.
inline constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// A number as it is written: sign, digits without the point, and the power of ten that they are scaled by.
struct Decimal {
    bool negative = false;
    bool integral = true;
    uint64_t digits = 0;  // right only while digit_count <= 19
    int64_t digit_count = 0;
    int64_t exponent = 0;

    CSJ_INLINE const uint8_t *read_digits(const uint8_t *at) {
        const uint8_t *first = at;
        while (is_digit(*at)) digits = digits * 10 + (*at++ - '0');
        digit_count += at - first;
        return at;
    }

    /// The number's grammar (RFC 8259 §6). Returns its end, or nullptr.
    CSJ_INLINE const uint8_t *read(const uint8_t *at) {
        negative = *at == '-';
        at += negative;
        if (!is_digit(*at)) return nullptr;
        at = *at == '0' ? at + 1 : read_digits(at);  // a leading zero stands alone
        if (*at == '.') {
            const uint8_t *fraction = at + 1;
            at = read_digits(fraction);
            if (at == fraction) return nullptr;
            exponent = -(at - fraction);
            integral = false;
        }
        return (*at | 0x20) == 'e' ? read_exponent(at + 1) : at;
    }

    const uint8_t *read_exponent(const uint8_t *at) {
        integral = false;
        bool below = *at == '-';
        if (below || *at == '+') at++;
        if (!is_digit(*at)) return nullptr;
        int64_t power = 0;
        // Saturates far beyond what any payload's digits could bring back into range.
        for (; is_digit(*at); at++)
            if (power < 100000000) power = power * 10 + (*at - '0');
        exponent += below ? -power : power;
        return at;
    }

    /// Exact by Clinger's fast path: both operands are exact doubles, and one operation rounds once.
    bool exact(double *result) const {
        if (digit_count > 19 || digits > uint64_t(1) << 53 || exponent < -22 || exponent > 22) return false;
        double value = double(digits);
        value = exponent < 0 ? value / kPowers[-exponent] : value * kPowers[exponent];
        *result = negative ? -value : value;
        return true;
    }
};

/// Whether a number that fits no double is too large for it, rather than too small.
inline bool is_above_range(const uint8_t *at, const uint8_t *end, int64_t exponent) {
    int64_t significant = 0;
    for (; at < end && (*at | 0x20) != 'e'; at++)
        if (is_digit(*at) && (significant > 0 || *at != '0')) significant++;
    return significant + exponent > 0;
}

/// Reads the number at `start` into kind, number, integer, text and length. Returns its end, or nullptr if it is none.
CSJ_INLINE const uint8_t *read_number(const uint8_t *start, csj_value *value) {
    Decimal decimal;
    const uint8_t *end = decimal.read(start);
    if (!end || !ends_scalar(*end)) return nullptr;
    value->text = start;
    value->length = size_t(end - start);
    if (decimal.integral && decimal.digit_count <= 19 && decimal.digits <= uint64_t(INT64_MAX)) {
        value->kind = CSJ_INTEGER;
        value->integer = decimal.negative ? -int64_t(decimal.digits) : int64_t(decimal.digits);
        value->number = decimal.negative ? -double(decimal.digits) : double(decimal.digits);
        return end;
    }
    value->kind = CSJ_DOUBLE;
    if (decimal.exact(&value->number)) return end;
    auto text = reinterpret_cast<const char *>(start);
    auto result = std::from_chars(text, text + value->length, value->number);
    if (result.ec == std::errc::result_out_of_range) {
        if (is_above_range(start, end, decimal.exponent)) value->kind = CSJ_HUGE;
        value->number = decimal.negative ? -0.0 : 0.0;
    } else if (!std::isfinite(value->number)) {
        value->kind = CSJ_HUGE;
    }
    return end;
}

}  // namespace csj
