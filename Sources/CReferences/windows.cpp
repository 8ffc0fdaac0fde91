// Sliding windows in their classic forms: two stacks (Tangwongsan, Hirzel & Schneider, VLDB Journal 30, 2021) and recomputation.
#include "creferences.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

namespace {

struct Moments {
    struct Partial { double count, sum, squares; };
    static constexpr Partial identity{0, 0, 0};
    static Partial lift(double value) { return {1, value, value * value}; }
    static Partial combine(const Partial &a, const Partial &b) {
        return {a.count + b.count, a.sum + b.sum, a.squares + b.squares};
    }
    static double lower(const Partial &p) {
        if (p.count < 2) return p.sum;
        const double mean = p.sum / p.count;
        return mean + (p.squares - p.sum * mean) / (p.count - 1);
    }
};

struct Least {
    using Partial = double;
    static constexpr Partial identity = std::numeric_limits<double>::infinity();
    static Partial lift(double value) { return value; }
    static Partial combine(double a, double b) { return std::min(a, b); }
    static double lower(double p) { return p; }
};

/// Two-Stacks Lite over a ring: the front holds aggregates to the flip point, the back raw values and one running aggregate.
///
/// With times it holds what lies within a span of event time, as Sluice's windows do; without, the last so many values.
template <class Op, bool kHasTimes> class TwoStacks {
public:
    explicit TwoStacks(size_t length) : slots_(length), times_(kHasTimes ? length : 0), span_(length) {}

    double append(double value, int64_t now) {
        if constexpr (kHasTimes) {
            while (count_ > 0 && times_[head_] <= now - span_) evict();
        }
        if (count_ == slots_.size()) evict();
        if constexpr (kHasTimes) times_[place(count_)] = now;
        slots_[place(count_)] = Op::lift(value);
        ++count_;
        back_ = Op::combine(back_, Op::lift(value));
        return Op::lower(front_ > 0 ? Op::combine(slots_[head_], back_) : back_);
    }

private:
    size_t place(size_t offset) const {
        const size_t slot = head_ + offset;
        return slot >= slots_.size() ? slot - slots_.size() : slot;
    }
    void evict() {
        if (front_ == 0) {
            auto total = Op::identity;
            for (size_t offset = count_; offset-- > 0;) {
                total = Op::combine(slots_[place(offset)], total);
                slots_[place(offset)] = total;
            }
            front_ = count_;
            back_ = Op::identity;
        }
        head_ = place(1);
        --count_;
        --front_;
    }

    std::vector<typename Op::Partial> slots_;
    std::vector<int64_t> times_;
    int64_t span_;
    size_t head_ = 0, count_ = 0, front_ = 0;
    typename Op::Partial back_ = Op::identity;
};

template <class Op> class Naive {
public:
    explicit Naive(size_t length) : slots_(length) {}

    double append(double value, int64_t) {
        slots_[next_] = value;
        next_ = next_ + 1 == slots_.size() ? 0 : next_ + 1;
        count_ = std::min(count_ + 1, slots_.size());
        auto total = Op::identity;
        for (size_t i = 0; i < count_; ++i) total = Op::combine(total, Op::lift(slots_[i]));
        return Op::lower(total);
    }

private:
    std::vector<double> slots_;
    size_t next_ = 0, count_ = 0;
};

template <class Window> double run(
    const double *values, size_t value_count, uint64_t count, size_t length, size_t sensors, double *checksum) {
    std::vector<Window> windows(sensors, Window(length));
    const auto start = std::chrono::steady_clock::now();
    double sum = 0;
    size_t sensor = 0, at = 0;
    int64_t now = 0;
    for (uint64_t i = 0; i < count; ++i) {
        sum += windows[sensor].append(values[at], now);
        if (++sensor == sensors) {
            sensor = 0;
            ++now;
        }
        at = at + 1 == value_count ? 0 : at + 1;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    *checksum = sum;
    return seconds;
}

}  // namespace

extern "C" double creferences_window_run(
    creferences_window kind, const double *values, size_t value_count, uint64_t count, size_t length, size_t sensors,
    double *checksum) {
    switch (kind) {
    case CREFERENCES_TWO_STACKS_MOMENTS:
        return run<TwoStacks<Moments, false>>(values, value_count, count, length, sensors, checksum);
    case CREFERENCES_TWO_STACKS_EXTREME:
        return run<TwoStacks<Least, false>>(values, value_count, count, length, sensors, checksum);
    case CREFERENCES_TIMED_TWO_STACKS_MOMENTS:
        return run<TwoStacks<Moments, true>>(values, value_count, count, length, sensors, checksum);
    case CREFERENCES_TIMED_TWO_STACKS_EXTREME:
        return run<TwoStacks<Least, true>>(values, value_count, count, length, sensors, checksum);
    case CREFERENCES_NAIVE_MOMENTS: return run<Naive<Moments>>(values, value_count, count, length, sensors, checksum);
    case CREFERENCES_NAIVE_EXTREME: return run<Naive<Least>>(values, value_count, count, length, sensors, checksum);
    }
    return -1;
}
