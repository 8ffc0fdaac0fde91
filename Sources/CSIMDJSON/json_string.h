// A string of a JSON document. All of it reads inside a padded buffer.
// A header, so that the walk and it compile as one: apart they cost twice the time.

#pragma once

#include <cstdint>
#include <cstring>

namespace csj {

constexpr uint64_t kOnes = 0x0101010101010101;

/// Sets the high bit of each byte that is zero, and perhaps of bytes above the lowest such.
inline uint64_t zero_bytes(uint64_t word) { return (word - kOnes) & ~word & (kOnes << 7); }

/// The first quote or backslash at or after `at`. Reads up to 7 bytes further, which the padding allows.
inline uint8_t *find_special(uint8_t *at) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (;;) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        uint64_t hits = zero_bytes(word ^ (kOnes * '"')) | zero_bytes(word ^ (kOnes * '\\'));
        if (hits) return at + (__builtin_ctzll(hits) >> 3);
        at += sizeof word;
    }
#else
    while (*at != '"' && *at != '\\') at++;
    return at;
#endif
}

inline int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The code unit of four hexadecimal digits, or -1.
inline int32_t code_unit(const uint8_t *at) {
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

inline uint8_t *write_utf8(uint8_t *out, uint32_t scalar) {
    if (scalar < 0x80) {
        *out++ = uint8_t(scalar);
    } else if (scalar < 0x800) {
        *out++ = uint8_t(0xC0 | scalar >> 6);
        *out++ = uint8_t(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *out++ = uint8_t(0xE0 | scalar >> 12);
        *out++ = uint8_t(0x80 | (scalar >> 6 & 0x3F));
        *out++ = uint8_t(0x80 | (scalar & 0x3F));
    } else {
        *out++ = uint8_t(0xF0 | scalar >> 18);
        *out++ = uint8_t(0x80 | (scalar >> 12 & 0x3F));
        *out++ = uint8_t(0x80 | (scalar >> 6 & 0x3F));
        *out++ = uint8_t(0x80 | (scalar & 0x3F));
    }
    return out;
}

/// The scalar of the \u escape at `*at` (which is past the u), or -1. A surrogate counts only with its other half:
/// a lone one has no UTF-8.
inline int64_t unicode_escape(uint8_t **at) {
    int32_t unit = code_unit(*at);
    if (unit < 0) return -1;
    *at += 4;
    if (unit < 0xD800 || unit > 0xDFFF) return unit;
    if (unit > 0xDBFF || (*at)[0] != '\\' || (*at)[1] != 'u') return -1;
    int32_t low = code_unit(*at + 2);
    if (low < 0xDC00 || low > 0xDFFF) return -1;
    *at += 6;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

/// Moves `*at` past the escape that it stands on and writes what it means. Returns the end, or nullptr.
inline uint8_t *unescape(uint8_t **at, uint8_t *out) {
    uint8_t c = (*at)[1];
    *at += 2;
    switch (c) {
    case '"': case '\\': case '/': *out++ = c; return out;
    case 'b': *out++ = '\b'; return out;
    case 'f': *out++ = '\f'; return out;
    case 'n': *out++ = '\n'; return out;
    case 'r': *out++ = '\r'; return out;
    case 't': *out++ = '\t'; return out;
    case 'u': break;
    default: return nullptr;
    }
    int64_t scalar = unicode_escape(at);
    return scalar < 0 ? nullptr : write_utf8(out, uint32_t(scalar));
}

/// Reads the string whose first byte after the quote is `start`, unescaping it in place (it only gets shorter).
/// Returns the byte after the closing quote, or nullptr for a bad escape. The closing quote is known to exist.
inline const uint8_t *read_string(uint8_t *start, size_t *length) {
    uint8_t *at = find_special(start);
    uint8_t *out = at;
    while (*at != '"') {
        out = unescape(&at, out);
        if (!out) return nullptr;
        uint8_t *stop = find_special(at);
        memmove(out, at, size_t(stop - at));
        out += stop - at;
        at = stop;
    }
    *length = size_t(out - start);
    return at + 1;
}

}  // namespace csj
