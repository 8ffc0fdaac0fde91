// Documents that look like one that was sound before: the fast path of the walk.
//
// A device writes the same members in the same order for years; only the scalars differ. So what lies between the scalars of a
// sound document, its literals, is remembered, and the next document is compared with them, 8 or 16 bytes at a time, while its
// scalars are read where they stand. A document that has the literals of a sound one, and sound scalars between them, is sound
// with the same members at the same paths: nothing is left to check. Anything else, also any escape, goes the way of the walk.
//
// Literals that may follow the same beginning stand side by side, so that a member which comes and goes costs one comparison:
//
//     {"id": ─ "a" ─ ,"v": ┬ 1 ─ }
//                          └ 1 ─ ,"seq": ─ 7 ─ }
//
// Reading such a document costs less than half of scanning and walking it: 46 ns for a flat message of 143 bytes, not 97. KnownShapeTests
// holds the two against each other.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "json_number.h"
#include "json_string.h"

namespace csj {

/// A bracket within a literal whose place somebody wants.
struct Bracket {
    uint16_t at;          // bytes from the literal's start
    int16_t slot;         // of the path that leads to the container; -1: it is listed
    int16_t name_length;  // -1: no name
    uint16_t kind;        // CSJ_OBJECT, CSJ_ARRAY, or CSJ_END for a closing one
    uint32_t name;        // in the text
    int16_t named = -1;   // the path that the name is, for the list of everything
};

/// A literal and the scalar behind it.
struct alignas(32) Step {
    uint32_t text;        // where the literal stands
    uint16_t length;
    uint16_t room = 16;        // its length in whole pieces of 16 bytes, at least one
    uint16_t last_piece = 0;   // a bit for each byte of the last piece that belongs to it
    int16_t next = -1;    // the first of those that may follow
    int16_t slot = -1;    // of the path that leads to the scalar
    int16_t name_length = -1;
    // Four things that most steps have none of, side by side: see is_usual.
    int16_t other = -1;   // another that may stand in this one's place
    uint16_t bracket_count = 0;
    bool is_end = false;     // the document ends with the literal
    bool is_listed = false;  // the scalar is a member of the list
    int16_t unused = 0;
    uint16_t bracket = 0;
    int16_t named = -1;   // the path that the name is, for the list of everything
    uint32_t name = 0;

    /// Whether it is alone in its place, holds no bracket that is wanted, does not end the document and is not listed.
    CSJ_INLINE bool is_usual() const {
        static const struct { int16_t other; uint16_t bracket_count; bool is_end, is_listed; int16_t unused; } usual = {-1, 0, false, false, 0};
        return memcmp(&other, &usual, sizeof usual) == 0;
    }
};
static_assert(sizeof(Step) == 32 && offsetof(Step, bracket) == offsetof(Step, other) + 8, "two to a cache line");

/// The end of the character at `at`, whose first byte is beyond ASCII, or nullptr where it is not sound UTF-8 (RFC 3629 §4).
inline const uint8_t *end_of_character(const uint8_t *at, const uint8_t *end) {
    auto follows = [&](ptrdiff_t index, uint8_t least, uint8_t most) {
        return end - at > index && at[index] >= least && at[index] <= most;
    };
    const uint8_t first = at[0];
    if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? at + 2 : nullptr;
    if (first >= 0xE0 && first <= 0xEF) {
        // Neither overlong nor half a surrogate pair.
        bool ok = follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2, 0x80, 0xBF);
        return ok ? at + 3 : nullptr;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool ok = follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2, 0x80, 0xBF) &&
                  follows(3, 0x80, 0xBF);
        return ok ? at + 4 : nullptr;
    }
    return nullptr;
}

#if defined(__SSE2__)
/// Marks, one bit each, which of 16 bytes are no plain text: quotes, backslashes, control characters and what is beyond ASCII.
CSJ_INLINE unsigned mark_special(const uint8_t *at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
    const __m128i is_end = _mm_or_si128(
        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    // Signed: bytes beyond ASCII are below the space, too.
    const __m128i is_below = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    return unsigned(_mm_movemask_epi8(_mm_or_si128(is_end, is_below)));
}
#endif

/// How many bytes from `at` on are plain text of a string. Reads nothing before `begin`, nor at or beyond `end`.
CSJ_INLINE size_t count_plain(const uint8_t *at, const uint8_t *begin, const uint8_t *end) {
    const uint8_t *start = at;
#if defined(__SSE2__)
    for (; end - at >= 16; at += 16) {
        const unsigned hits = mark_special(at);
        if (hits) return size_t(at - start) + size_t(__builtin_ctz(hits));
    }
    if (end - begin >= 16) {
        // The document's last 16 bytes, and what stands before `at` shifted out.
        const unsigned hits = mark_special(end - 16) >> (16 - (end - at));
        return size_t(at - start) + (hits ? size_t(__builtin_ctz(hits)) : size_t(end - at));
    }
#endif
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20 && *at < 0x80) at++;
    return size_t(at - start);
}

/// The quote that closes the string whose first byte is `at`, or nullptr where there is none, or anything but plain text.
CSJ_INLINE const uint8_t *find_closing_quote(const uint8_t *at, const uint8_t *begin, const uint8_t *end) {
    for (;;) {
        at += count_plain(at, begin, end);
        if (at == end) return nullptr;
        if (*at == '"') return at;
        if (*at < 0x80) return nullptr;
        at = end_of_character(at, end);
        if (!at) return nullptr;
    }
}

/// The literals of the documents that one parser has met.
class Shapes {
  public:
    static constexpr size_t kMostSteps = 512;
    static constexpr size_t kMostBrackets = 512;
    static constexpr size_t kMostText = 16384;
    /// More in one place cost more to try than they save.
    static constexpr int kMostOthers = 8;
    /// Where documents hardly ever repeat, learning each is dear: after the first time that all was forgotten, one of so many.
    static constexpr uint32_t kRarely = 16;

    Step steps[kMostSteps];
    Bracket brackets[kMostBrackets];
    /// Literals, each in whole pairs of words with zeros behind it.
    alignas(16) uint8_t text[kMostText];

    /// Where documents begin; nullptr: none is known.
    const Step *first() const { return step_count ? steps : nullptr; }

    /// The first of those that may follow.
    CSJ_INLINE const Step *next(const Step *step) const { return step->next < 0 ? nullptr : &steps[step->next]; }

    /// Whether the document that was just walked is worth learning.
    bool wants_another() { return !has_forgotten || ++misses % kRarely == 0; }

    // Learning: a document's steps in order.

    void begin() {
        place = nullptr;
        is_lost = false;
        new_brackets = 0;
    }

    void add_bracket(const Bracket &bracket) {
        if (bracket_count + new_brackets == kMostBrackets) { is_lost = true; return; }
        brackets[bracket_count + new_brackets++] = bracket;
    }

    /// `step` has everything but its literal, which is `length` bytes at `literal`; names are counted from there.
    void add(Step step, const uint8_t *literal, size_t length) {
        if (is_lost) return;
        int16_t *link = place ? place : (step_count ? &root : nullptr);
        int others = 0;
        for (; link && *link >= 0; link = &steps[*link].other, others++) {
            Step &known = steps[*link];
            if (known.length == length && known.is_end == step.is_end && memcmp(text + known.text, literal, length) == 0) {
                place = &known.next;
                new_brackets = 0;
                return;
            }
        }
        const size_t padded = length ? (length + 15) & ~size_t(15) : 16;
        if (others >= kMostOthers || step_count == kMostSteps || text_length + padded > kMostText || length > UINT16_MAX) {
            is_lost = true;
            return;
        }
        step.text = uint32_t(text_length);
        step.length = uint16_t(length);
        step.room = uint16_t(padded);
        step.last_piece = uint16_t((uint32_t(1) << (length + 16 - padded)) - 1);
        step.name += step.text;
        step.bracket = uint16_t(bracket_count);
        step.bracket_count = uint16_t(new_brackets);
        for (size_t i = 0; i < new_brackets; i++) brackets[bracket_count + i].name += step.text;
        bracket_count += new_brackets;
        new_brackets = 0;
        memset(text + text_length, 0, padded);
        memcpy(text + text_length, literal, length);
        text_length += padded;
        if (link) *link = int16_t(step_count);
        steps[step_count] = step;
        place = &steps[step_count++].next;
    }

    /// Where there was no room, everything is forgotten, so that what devices send today finds its place.
    void end() {
        if (!is_lost) return;
        forget();
        has_forgotten = true;
    }

    void forget() { step_count = bracket_count = text_length = 0; }

    void give_up() { is_lost = true; }

    static bool starts_scalar(uint8_t c) {
        return c == '"' || is_digit(c) || c == '-' || c == 't' || c == 'f' || c == 'n';
    }

    /// Whether the step's literal stands at `at`, `left` bytes before the document's end.
    CSJ_INLINE bool stands(const Step &step, const uint8_t *at, size_t left) const {
        const size_t length = step.length;
        const uint8_t *literal = text + step.text;
        size_t index = 0;
#if defined(__SSE2__)
        // Most literals are one piece of 16 bytes; behind the literal's end the mask lets anything pass.
        if (left >= step.room) {
            for (; index + 16 < length; index += 16)
                if (differing(literal + index, at + index)) return false;
            return (differing(literal + index, at + index) & step.last_piece) == 0;
        }
#endif
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        for (; index < length && left >= index + 8; index += 8) {
            uint64_t ours, theirs;
            memcpy(&ours, literal + index, 8);
            memcpy(&theirs, at + index, 8);
            const uint64_t difference = ours ^ theirs;
            if (length - index < 8) return difference << (64 - (length - index) * 8) == 0;
            if (difference) return false;
        }
#endif
        // Close to the end no whole words are left.
        if (left < length) return false;
        for (; index < length; index++)
            if (literal[index] != at[index]) return false;
        return true;
    }

  private:
    size_t step_count = 0;
    size_t bracket_count = 0;
    size_t text_length = 0;
    bool has_forgotten = false;
    uint32_t misses = 0;
    // While a document is learned: where its next step is linked to.
    int16_t *place = nullptr;
    int16_t root = 0;
    bool is_lost = false;
    size_t new_brackets = 0;

#if defined(__SSE2__)
    /// A bit for each of 16 bytes that is another.
    CSJ_INLINE static unsigned differing(const uint8_t *literal, const uint8_t *at) {
        const __m128i here = _mm_load_si128(reinterpret_cast<const __m128i *>(literal));
        const __m128i there = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
        return unsigned(_mm_movemask_epi8(_mm_cmpeq_epi8(here, there))) ^ 0xFFFF;
    }
#endif
};

}  // namespace csj
