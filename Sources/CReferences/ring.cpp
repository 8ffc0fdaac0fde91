// The classic single-producer single-consumer ring: indexes padded to their own cache lines, each side keeping a copy of the
// other's (Lee, Bu & Chandranmenon, "A lock-free, cache-efficient multi-core synchronization mechanism", ICDCS 2010).
#include "creferences.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <thread>
#include <vector>

namespace {

constexpr size_t kCapacity = 65536;

/// Elements that go through before the clock starts: both threads run by then, each on its core, and every slot has been touched.
constexpr uint64_t kWarm = 2 * kCapacity;

inline void pause_core() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

struct Small {
    uint64_t number, rest;

    explicit Small(uint64_t number = 0) : number(number), rest(0) {}
    uint64_t counted() const { return number; }
};

/// What the daemon's ring carries: a reading, or one of several other things, which its tag tells.
struct Reading {
    uint64_t observed_at;
    int64_t arrived_at = 0;
    double value = 1;
    int32_t counter = -1;
    uint32_t sensor = 1, claimed = 0;
    uint8_t flags = 0, source = 0, quantity = 0, tag = 0;

    explicit Reading(uint64_t number = 0) : observed_at(number) {}
    uint64_t counted() const { return tag == 0 ? observed_at : 0; }
};
static_assert(sizeof(Small) == 16 && sizeof(Reading) == 40, "as large as ours");

template <class T> class Ring {
public:
    Ring() : slots_(kCapacity) {}

    bool push(const T &value) {
        const size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_cache_ == kCapacity) {
            head_cache_ = head_.load(std::memory_order_acquire);
            if (tail - head_cache_ == kCapacity) return false;
        }
        slots_[tail & (kCapacity - 1)] = value;
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }

    bool pop(T &value) {
        const size_t head = head_.load(std::memory_order_relaxed);
        if (head == tail_cache_) {
            tail_cache_ = tail_.load(std::memory_order_acquire);
            if (head == tail_cache_) return false;
        }
        value = slots_[head & (kCapacity - 1)];
        head_.store(head + 1, std::memory_order_release);
        return true;
    }

    /// Room for up to `want` elements in a row from `*start` on; the caller fills and commits them.
    size_t writable(size_t want, T **start) {
        const size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_cache_ + want > kCapacity) head_cache_ = head_.load(std::memory_order_acquire);
        const size_t room = kCapacity - (tail - head_cache_), edge = kCapacity - (tail & (kCapacity - 1));
        *start = &slots_[tail & (kCapacity - 1)];
        return std::min(want, std::min(room, edge));
    }
    void commit(size_t count) { tail_.store(tail_.load(std::memory_order_relaxed) + count, std::memory_order_release); }

    size_t readable(size_t want, const T **start) {
        const size_t head = head_.load(std::memory_order_relaxed);
        if (tail_cache_ - head < want) tail_cache_ = tail_.load(std::memory_order_acquire);
        const size_t filled = tail_cache_ - head, edge = kCapacity - (head & (kCapacity - 1));
        *start = &slots_[head & (kCapacity - 1)];
        return std::min(want, std::min(filled, edge));
    }
    void release(size_t count) { head_.store(head_.load(std::memory_order_relaxed) + count, std::memory_order_release); }

private:
    std::vector<T> slots_;
    alignas(128) std::atomic<size_t> tail_{0};
    alignas(128) size_t head_cache_ = 0;
    alignas(128) std::atomic<size_t> head_{0};
    alignas(128) size_t tail_cache_ = 0;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Sums what `take` brings until `count` more elements have come; `take` returns how many it brought.
template <class Take> double timed(uint64_t count, Take take) {
    uint64_t taken = 0;
    while (taken < kWarm) taken += take();
    const uint64_t before = taken;
    const auto start = std::chrono::steady_clock::now();
    while (taken < kWarm + count) taken += take();
    return seconds_since(start) * double(count) / double(taken - before);
}

template <class E> double batched(uint64_t count, int producer_core, int consumer_core) {
    const uint64_t total = kWarm + count;
    auto ring = std::make_unique<Ring<E>>();
    std::thread producer([&] {
        pin(producer_core);
        uint64_t sent = 0;
        while (sent < total) {
            E *slots;
            const size_t room = ring->writable(std::min<uint64_t>(64, total - sent), &slots);
            if (room == 0) { pause_core(); continue; }
            for (size_t i = 0; i < room; ++i) slots[i] = E(sent + i);
            ring->commit(room);
            sent += room;
        }
    });
    pin(consumer_core);
    uint64_t sum = 0;
    const double seconds = timed(count, [&]() -> size_t {
        const E *slots;
        const size_t filled = ring->readable(64, &slots);
        if (filled == 0) { pause_core(); return 0; }
        for (size_t i = 0; i < filled; ++i) sum += slots[i].counted();
        ring->release(filled);
        return filled;
    });
    producer.join();
    return sum == total * (total - 1) / 2 ? seconds : -1;
}

}  // namespace

extern "C" double creferences_ring_one_by_one(uint64_t count, int producer_core, int consumer_core) {
    using E = Small;
    const uint64_t total = kWarm + count;
    auto ring = std::make_unique<Ring<E>>();
    std::thread producer([&] {
        pin(producer_core);
        for (uint64_t i = 0; i < total; ++i)
            while (!ring->push(E(i))) pause_core();
    });
    pin(consumer_core);
    uint64_t sum = 0;
    E element;
    const double seconds = timed(count, [&]() -> size_t {
        if (!ring->pop(element)) { pause_core(); return 0; }
        sum += element.number;
        return 1;
    });
    producer.join();
    return sum == total * (total - 1) / 2 ? seconds : -1;
}

extern "C" double creferences_ring_batched(
    uint64_t count, size_t element_bytes, int producer_core, int consumer_core) {
    return element_bytes == 16 ? batched<Small>(count, producer_core, consumer_core)
                               : batched<Reading>(count, producer_core, consumer_core);
}

extern "C" double creferences_ring_round_trip(uint64_t count, int producer_core, int consumer_core) {
    using E = Small;
    auto there = std::make_unique<Ring<E>>(), back = std::make_unique<Ring<E>>();
    std::thread echo([&] {
        pin(consumer_core);
        E element;
        for (uint64_t i = 0; i < count; ++i) {
            while (!there->pop(element)) {}
            while (!back->push(element)) {}
        }
    });
    pin(producer_core);
    const auto start = std::chrono::steady_clock::now();
    E element;
    for (uint64_t i = 0; i < count; ++i) {
        while (!there->push(E(i))) {}
        while (!back->pop(element)) {}
    }
    const double seconds = seconds_since(start);
    echo.join();
    return element.number == count - 1 ? seconds : -1;
}
