// A number of a JSON document. All of it reads inside a padded buffer.
// A header, so that the walk and it compile as one: apart they cost twice the time.

#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

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

// Numbers of a document that is read where it stands (json_shapes.h), eight digits at a time: up to 15 digits, which devices
// hardly ever exceed, cost no loop and no guess of their length. Whatever else is read as above.

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/// The at most eight bytes from `at` to `end`, the first in the lowest place. The document has at least eight; `at` is before its end.
CSJ_INLINE uint64_t load_word(const uint8_t *at, const uint8_t *end) {
    uint64_t word;
    if (end - at >= 8) {
        memcpy(&word, at, sizeof word);
        return word;
    }
    memcpy(&word, end - 8, sizeof word);
    return word >> ((8 - (end - at)) * 8);
}

/// How many of the word's first bytes are digits; `numbers` is the word with digits as their numbers.
CSJ_INLINE unsigned count_digits(uint64_t word, uint64_t *numbers) {
    *numbers = word ^ 0x3030303030303030;
    // Only a byte that is marked itself carries into the next: the first mark is right.
    const uint64_t others = (*numbers | (*numbers + 0x7676767676767676)) & 0x8080808080808080;
    return others ? unsigned(__builtin_ctzll(others)) >> 3 : 8;
}

/// The number of the first `count` digits, 1 to 8: neighbours are joined three times.
CSJ_INLINE uint64_t join_digits(uint64_t numbers, unsigned count) {
    numbers <<= (8 - count) * 8;
    numbers = (numbers * 2561) >> 8 & 0x00FF00FF00FF00FF;
    numbers = (numbers * 6553601) >> 16 & 0x0000FFFF0000FFFF;
    return (numbers * 42949672960001) >> 32;
}

inline constexpr uint64_t kTens[] = {1,         10,         100,         1000,         10000,         100000,
                                     1000000,   10000000,   100000000,   1000000000,   10000000000,   100000000000,
                                     1000000000000, 10000000000000, 100000000000000, 1000000000000000};

/// A run of digits. `count` is right up to 15, and 16 for any more.
struct DigitRun {
    uint64_t first, second;
    unsigned count;

    CSJ_INLINE void read(const uint8_t *at, const uint8_t *end) {
        count = count_digits(load_word(at, end), &first);
        // The document goes on behind its digits.
        if (count == 8) count += count_digits(load_word(at + 8, end), &second);
    }

    CSJ_INLINE uint64_t value() const {
        if (count <= 8) return join_digits(first, count);
        return join_digits(first, 8) * kTens[count - 8] + join_digits(second, count - 8);
    }
};

/// The number of so many digits, one to seven, of which `fraction` stand behind a point.
CSJ_INLINE uint64_t read_placed_digits(const uint8_t *at, const uint8_t *end, unsigned digits, unsigned fraction) {
    uint64_t numbers = load_word(at, end) ^ 0x3030303030303030;
    if (fraction) {
        // The point is pushed out.
        const uint64_t before = (uint64_t(1) << ((digits - fraction) * 8)) - 1;
        numbers = (numbers & before) | (numbers >> 8 & ~before);
    }
    return join_digits(numbers, digits);
}

/// A number's digits before and behind the point, where they are few. `after`: its end, or nullptr for any other number.
struct ShortNumber {
    DigitRun whole, fraction;
    const uint8_t *after;

    CSJ_INLINE ShortNumber(const uint8_t *at, const uint8_t *begin, const uint8_t *end) : after(nullptr) {
        fraction.count = 0;
        if (end - begin < 8) return;
        at += *at == '-';
        whole.read(at, end);
        if (whole.count - 1 > 14 || (*at == '0' && whole.count > 1)) return;
        at += whole.count;
        if (*at == '.') {
            at++;
            fraction.read(at, end);
            if (fraction.count == 0 || whole.count + fraction.count > 15) return;
            at += fraction.count;
        }
        if ((*at | 0x20) != 'e') after = at;
    }
};

#endif

/// The same as `read_number` in a document that ends, before `end`, with what is no part of a number; `value` is null where nobody
/// wants it. What follows the number is for the caller to judge.
CSJ_INLINE const uint8_t *read_number_within(
    const uint8_t *start, const uint8_t *begin, const uint8_t *end, csj_value *value) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const ShortNumber number(start, begin, end);
    if (number.after && !value) return number.after;
    if (number.after) {
        const bool negative = *start == '-';
        uint64_t digits = number.whole.value();
        value->text = start;
        value->length = size_t(number.after - start);
        if (number.fraction.count == 0) {
            value->kind = CSJ_INTEGER;
            value->integer = negative ? -int64_t(digits) : int64_t(digits);
            value->number = negative ? -double(int64_t(digits)) : double(int64_t(digits));
            return number.after;
        }
        value->kind = CSJ_DOUBLE;
        digits = digits * kTens[number.fraction.count] + number.fraction.value();
        // Exact: at most 15 digits, scaled by a power of ten that is a double itself.
        const double magnitude = double(int64_t(digits)) / kPowers[number.fraction.count];
        value->number = negative ? -magnitude : magnitude;
        return number.after;
    }
#endif
    return value ? read_number(start, value) : Decimal().read(start);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/// Reads a number that is known to be one, of one to seven digits, `fraction` of which stand behind a point.
CSJ_INLINE void read_placed_number(
    const uint8_t *start, const uint8_t *end, bool negative, unsigned digit_count, unsigned fraction, csj_value *value) {
    const int64_t digits = int64_t(read_placed_digits(start + negative, end, digit_count, fraction));
    const double magnitude = fraction ? double(digits) / kPowers[fraction] : double(digits);
    value->number = negative ? -magnitude : magnitude;
    value->integer = negative ? -digits : digits;
}

#endif

}  // namespace csj
