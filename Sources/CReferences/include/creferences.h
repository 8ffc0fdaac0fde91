// What Sluice is measured against, in C++, in the same process: classic forms of a ring, of sliding windows and of decoding.
#ifndef CREFERENCES_H
#define CREFERENCES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Two pinned threads pass `count` elements of 16 bytes one by one through a ring with padded, cached indexes.
/// Returns the seconds that it took, once both threads run and every slot was used, or a negative number when what arrived is not what was sent.
double creferences_ring_one_by_one(uint64_t count, int producer_core, int consumer_core);

/// The same in batches of 64, for elements of 16 or 40 bytes, by the recipe of Sluice's own ring.
double creferences_ring_batched(uint64_t count, size_t element_bytes, int producer_core, int consumer_core);

/// An element goes through one ring and comes back through another, `count` times. Seconds.
double creferences_ring_round_trip(uint64_t count, int producer_core, int consumer_core);

typedef enum creferences_window {
    CREFERENCES_TWO_STACKS_MOMENTS,  ///< mean and variance of the last values, from sums on two stacks
    CREFERENCES_TWO_STACKS_EXTREME,  ///< their minimum
    CREFERENCES_TIMED_TWO_STACKS_MOMENTS,  ///< the same of what lies within a span of event time
    CREFERENCES_TIMED_TWO_STACKS_EXTREME,
    CREFERENCES_NAIVE_MOMENTS,  ///< recomputed from the whole window each time
    CREFERENCES_NAIVE_EXTREME,
} creferences_window;

/// Appends `count` values round robin to the windows of `sensors` sensors, `length` values each, and asks each time for the
/// statistic. Event time goes on by one with each value of a sensor. Returns seconds; `*checksum` is the sum of all answers.
double creferences_window_run(
    creferences_window kind, const double *values, size_t value_count, uint64_t count, size_t length, size_t sensors,
    double *checksum);

/// Which fields are wanted.
typedef enum creferences_message {
    CREFERENCES_FLAT,     ///< five of a flat message
    CREFERENCES_UPLINK,   ///< ten of The Things Stack's uplink
    CREFERENCES_RECORDS,  ///< every member of every record of a SenML pack
    CREFERENCES_METRICS,  ///< all of a Sparkplug payload, written as JSON
} creferences_message;

/// Texts of which one begins every `stride` bytes, with at least 64 bytes of padding behind it.
typedef struct creferences_texts {
    const uint8_t *bytes;
    const size_t *lengths;
    size_t count;
    size_t stride;
} creferences_texts;

/// Reads the wanted fields of the payloads in turn, `count` in all, with simdjson's on-demand front end, and does no more. Returns
/// seconds, or a negative number when a field is missing.
double creferences_decode(creferences_message kind, const creferences_texts *payloads, uint64_t count, double *checksum);

/// Does the whole of a decoder's work with the same front end: sees which route the topic takes, checks all of the document and
/// that no field comes twice, reads times, converts units, checks ids and ranges, and gives readings in order of time.
/// Returns seconds, or a negative number when a message is refused; `*readings`: how many there were.
double creferences_decode_fully(
    creferences_message kind, const creferences_texts *payloads, const creferences_texts *topics, uint64_t count,
    uint64_t *readings);

/// Subscribes to `sluice/#` at 127.0.0.1 with MQTT 5 and counts messages. Returns the seconds from message `warm` to message
/// `total`, or a negative number when the connection ended before.
/// `use_loop_forever`: libmosquitto's own loop, which ordinary clients use, instead of `poll` and `mosquitto_loop_read`.
double creferences_count_messages(
    int port, const char *username, const char *password, uint64_t warm, uint64_t total, int receive_maximum,
    int use_loop_forever);

/// From now on allocations of the calling thread and of threads with this name are counted. At most one name in a process.
void creferences_count_allocations(const char *thread_name);

/// Ends the counting. How many there were.
uint64_t creferences_allocations(void);

/// What the allocator has given out and not got back, in bytes.
uint64_t creferences_heap_bytes(void);

#ifdef __cplusplus
}
#endif
#endif
