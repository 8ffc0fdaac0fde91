// Documents laid out like one that was sound before: the fast path of the fast path (json_shapes.h).
//
// A device's scalars, too, are mostly as long as the last time: ids, times and counters nearly always, measurements often. Then
// nothing has to be searched. Each byte has a range that it must lie in: a literal's byte itself, a digit's '0' to '9' (the first of
// several '1' to '9'), a string's any plain ASCII but quote and backslash. A document whose bytes all do so, 16 or
// 32 in one comparison, is sound with the same members at the same places, and only the scalars that somebody wants are read:
//
//     {"seq":123,"fw":"1.2","value":20.5}
//     =======199=======***==========19=9=     = itself, 1 '1'-'9', 9 '0'-'9', * plain
//
// Such a document costs half of reading it by its shape: 560 instructions for a flat message of 140 bytes, not 1,080, and 1,770 for
// The Things Stack's of 920, not 3,770. Any other goes on to be read by its shape. KnownShapeTests holds all ways against each other.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "json_number.h"

namespace csj {

/// Something to be told of a document: a scalar that somebody wants, or a container's bracket.
struct Item {
    uint32_t at;          // bytes from the document's start
    uint32_t length;      // of the value, as csj_value has it
    uint32_t name;        // where its name stands
    int16_t name_length;  // -1: no name
    int16_t slot;         // of the path that leads to it; -1: of none
    int16_t named;        // the path that the name is, for the list of everything; -1: none
    uint8_t kind;         // a csj_kind
    bool is_listed;
    // Of a number.
    bool negative;
    uint8_t digits;    // 0: more than seven, or an exponent
    uint8_t fraction;  // how many of them stand behind the point
};

/// One layout.
class Layout {
  public:
    static constexpr size_t kShortest = 16;  // a comparison's width
    static constexpr size_t kLongest = 1536;
    static constexpr size_t kMostItems = 64;

    // Nothing is set before a document is learned: a parser's layouts take memory as they are met.
    size_t length;  // of its documents
    size_t item_count;
    bool was_met;  // since it was learned
    Item items[kMostItems];
    uint8_t least[kLongest], most[kLongest];

    /// Whether a document of the same length lies in the ranges.
    bool stands(const uint8_t *document) const { return stands_in_pieces<16>(document); }

#if defined(__x86_64__)
    /// The same with AVX2, which saves a tenth of the time that a message of The Things Stack takes.
    __attribute__((target("avx2"))) bool stands_wide(const uint8_t *document) const {
        return length < 32 ? stands_in_pieces<16>(document) : stands_in_pieces<32>(document);
    }
#endif

    // Learning: a sound document, and then what is to be told of it, in its order.

    void begin(const uint8_t *document, size_t size) {
        length = size;
        item_count = 0;
        was_met = false;
        memcpy(least, document, size);
        memcpy(most, document, size);
    }

    /// A scalar; `item` has everything but what is read here. `is_wanted`: somebody wants it told. False: there is no room.
    bool add_scalar(Item item, bool is_wanted) {
        const uint8_t first = least[item.at];
        if (first == '"') {
            const size_t begin = item.at + 1;
            const size_t end = size_t(static_cast<const uint8_t *>(memchr(least + begin, '"', length - begin)) - least);
            allow_text(begin, end);
            item.at++;
            item.length = uint32_t(end - begin);
            item.kind = CSJ_STRING;
        } else if (first == 't' || first == 'f' || first == 'n') {
            item.length = first == 'f' ? 5 : 4;
            item.kind = first == 't' ? CSJ_TRUE : first == 'f' ? CSJ_FALSE : CSJ_NULL;
        } else {
            allow_digits(item);
        }
        return !is_wanted || add(item);
    }

    /// A bracket; `kind` is CSJ_END for a closing one, which only gives a length to a container that has a slot.
    bool add_bracket(const Item &item) {
        if (item.kind != CSJ_END || item.is_listed) return add(item);
        for (size_t i = 0; i < item_count; i++)
            if (items[i].slot == item.slot && !items[i].is_listed) items[i].length = item.at + 1 - items[i].at;
        return true;
    }

  private:
    bool add(const Item &item) {
        if (item_count == kMostItems) return false;
        items[item_count++] = item;
        return true;
    }

    /// Any plain text of the same length may stand there; where this one is beyond ASCII only itself.
    void allow_text(size_t begin, size_t end) {
        for (size_t at = begin; at < end; at++)
            if (least[at] >= 0x80) return;
        memset(least + begin, 0x20, end - begin);
        memset(most + begin, 0x7F, end - begin);
    }

    /// Any number of as many digits may stand there; where this one has an exponent, only itself.
    void allow_digits(Item &item) {
        size_t at = item.at;
        item.negative = least[at] == '-';
        at += item.negative;
        const size_t whole = count_digits_at(at);
        const size_t point = at + whole;
        const size_t fraction = least[point] == '.' ? count_digits_at(point + 1) : 0;
        const size_t end = fraction ? point + 1 + fraction : point;
        item.kind = fraction ? CSJ_DOUBLE : CSJ_INTEGER;
        if ((least[end] | 0x20) == 'e') return;
        for (size_t i = 0; i < whole; i++) allow_digit(at + i, i == 0 && whole > 1);
        for (size_t i = 0; i < fraction; i++) allow_digit(point + 1 + i, false);
        item.length = uint32_t(end - item.at);
        if (whole + fraction < 8) item.digits = uint8_t(whole + fraction), item.fraction = uint8_t(fraction);
    }

    /// The document goes on behind its digits.
    size_t count_digits_at(size_t at) const {
        size_t count = 0;
        while (is_digit(most[at + count])) count++;
        return count;
    }

    void allow_digit(size_t at, bool leads) {
        least[at] = leads ? '1' : '0';
        most[at] = '9';
    }

    // One source for every width: with vectors of the compiler's own, not of a processor's.

    template <size_t Width> CSJ_INLINE bool stands_in_pieces(const uint8_t *document) const {
        for (size_t at = 0; at + Width < length; at += Width)
            if (!fits<Width>(document, at)) return false;
        // The last piece overlaps what has been compared.
        return fits<Width>(document, length - Width);
    }

    /// Whether so many bytes lie in their ranges.
    template <size_t Width> CSJ_INLINE bool fits(const uint8_t *document, size_t at) const {
        typedef uint8_t Bytes __attribute__((vector_size(Width)));
        Bytes bytes, low, high;
        memcpy(&bytes, document + at, Width);
        memcpy(&low, least + at, Width);
        memcpy(&high, most + at, Width);
        const auto is_inside = __builtin_elementwise_min(__builtin_elementwise_max(bytes, low), high) == bytes;
        // Quotes and backslashes lie in a text's range; they may only stand where they are literals.
        const auto is_mark = (bytes == uint8_t('"')) | (bytes == uint8_t('\\'));
        return __builtin_reduce_and(is_inside & ~(is_mark & (low != high))) == -1;
    }
};

/// The layouts of the documents that one parser has met lately, by their documents' length.
class Layouts {
  public:
    /// The layout of this document, or nullptr.
    CSJ_INLINE const Layout *find(const uint8_t *document, size_t length) {
        if (resting > 0) { resting--; return nullptr; }
        const size_t set = length % kSets * kWays;
        for (size_t i = set; i < set + kWays; i++)
            if (lengths[i] == length && stands(layouts[i], document)) {
                layouts[i].was_met = true;
                found++;
                return &layouts[i];
            }
        // To look and to learn cost what finding saves: where most documents are laid out anew it is left be for a while.
        if (++missed == kTrial) {
            if (found < missed) resting = kRest;
            found = missed = 0;
        }
        return nullptr;
    }

    /// Whether a document that has none of the layouts is to be learned, though it may be cheaper to read it by its shape.
    bool wants_another(const uint8_t *document, size_t length) {
        // Behind every number of the document there must be something.
        const uint8_t last = length < Layout::kShortest || length > Layout::kLongest ? 0 : document[length - 1];
        if (resting > 0 || (last != '}' && last != ']') || ++unlearned < period) return false;
        unlearned = 0;
        return true;
    }

    /// Learns a sound document: what is to be told of it is for the caller to add. What stood there is forgotten.
    Layout &begin(const uint8_t *document, size_t length) {
        const size_t number = length % kSets, set = number * kWays;
        size_t place = set;
        while (place < set + kWays && lengths[place]) place++;
        if (place == set + kWays) {
            place = set + next[number]++ % kWays;
            adapt(layouts[place].was_met);
        }
        lengths[place] = uint16_t(length);
        layouts[place].begin(document, length);
        return layouts[place];
    }

    /// Forgets one that has no room for what is to be told.
    void give_up(const Layout &layout) {
        lengths[&layout - layouts] = 0;
        adapt(false);
    }

    void forget() {
        memset(lengths, 0, sizeof lengths);
        period = 1;
        unlearned = found = missed = resting = 0;
    }

  private:
    static constexpr size_t kSets = 8, kWays = 4;
    static constexpr uint32_t kLeastPeriod = 16, kMostPeriod = 1024;
    static constexpr uint32_t kTrial = 512, kRest = 16384;

    /// Learns less often where it was for nothing, and more often where it was not.
    void adapt(bool was_useful) {
        period = was_useful ? period / 2 : period * 2;
        period = period < kLeastPeriod ? kLeastPeriod : period > kMostPeriod ? kMostPeriod : period;
    }

    CSJ_INLINE static bool stands(const Layout &layout, const uint8_t *document) {
#if defined(__x86_64__)
        static const bool is_wide = __builtin_cpu_supports("avx2");
        if (is_wide) return layout.stands_wide(document);
#endif
        return layout.stands(document);
    }

    /// Of the documents of each; 0: there is none. The ways of a set side by side.
    uint16_t lengths[kSets * kWays] = {};
    Layout layouts[kSets * kWays];
    uint8_t next[kSets] = {};
    /// Of so many misses one is learned.
    uint32_t period = 1;
    uint32_t unlearned = 0;
    /// Documents that had a layout and that had none, since the last trial; and how many are not looked at.
    uint32_t found = 0, missed = 0, resting = 0;
};

}  // namespace csj
