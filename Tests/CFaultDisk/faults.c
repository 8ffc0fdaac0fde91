#include "faults.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"

typedef struct {
    uint32_t calls, after, times;
    faultdisk_failure failure;
} order;

enum { MOST_ORDERS = 8 };

static const uint32_t changing =
    FAULTDISK_WRITE | FAULTDISK_SYNC | FAULTDISK_TRUNCATE | FAULTDISK_DELETE | FAULTDISK_OPEN;

static order orders[MOST_ORDERS];
static int order_count;
static bool is_dying;
static uint32_t calls_to_live;
static bool is_dead;
static uint64_t life = 1;
static uint64_t call_hash;
static faultdisk_counts counts;
static faultdisk_observer observer;

uint64_t faults_life(void) { return life; }

bool faultdisk_format(uint64_t seed) {
    if (directory_is_in_use()) return false;
    directory_format();
    random_seed(seed);
    // SQLite draws from the disk again, and so from `seed`.
    sqlite3_randomness(0, NULL);
    faultdisk_heal();
    is_dead = false;
    life++;
    call_hash = 0xCBF29CE484222325;
    counts = (faultdisk_counts){0};
    return true;
}

void faultdisk_heal(void) {
    order_count = 0;
    is_dying = false;
}

void faultdisk_fail(uint32_t calls, uint32_t after, faultdisk_failure failure, uint32_t times) {
    if (order_count == MOST_ORDERS || times == 0) return;
    orders[order_count++] = (order){calls, after, times, failure};
}

void faultdisk_die_after(uint32_t after) {
    is_dying = true;
    calls_to_live = after;
}

void faultdisk_die(void) { is_dead = true; }

bool faultdisk_is_dead(void) { return is_dead; }

void faultdisk_restart(bool power_cut) {
    directory_kill();
    if (power_cut) {
        uint64_t lost = directory_power_cut();
        counts.power_cuts++;
        counts.lost_sectors += lost;
    } else {
        counts.kills++;
    }
    is_dying = false;
    is_dead = false;
    life++;
}

static verdict judge_order(int number, bool grows) {
    order *it = &orders[number];
    if (it->after > 0) {
        it->after--;
        return VERDICT_GO;
    }
    faultdisk_failure failure = it->failure;
    // A full disk refuses only what needs more of it.
    if (failure == FAULTDISK_FULL && !grows) return VERDICT_GO;
    if (--it->times == 0) *it = orders[--order_count];
    switch (failure) {
    case FAULTDISK_FULL: counts.fulls++; return VERDICT_FULL;
    case FAULTDISK_BUSY: counts.busies++; return VERDICT_BUSY;
    case FAULTDISK_FORGETFUL: counts.errors++; return VERDICT_FORGET;
    default: counts.errors++; return VERDICT_ERROR;
    }
}

// The disk knows no locks: a call from elsewhere would also break the order that the seed has chosen.
static void expect_own_thread(void) {
    static pthread_t owner;
    static bool has_owner;
    if (!has_owner) owner = pthread_self(), has_owner = true;
    if (pthread_equal(owner, pthread_self())) return;
    fputs("faultdisk: called from another thread\n", stderr);
    abort();
}

verdict faults_judge(faultdisk_call call, bool grows) {
    expect_own_thread();
    if (is_dead) return VERDICT_DEAD;
    if (is_dying && (call & changing)) {
        if (calls_to_live == 0) {
            is_dead = true;
            counts.torn_calls++;
            switch (random_below(3)) {
            case 0: return VERDICT_DIE_BEFORE;
            case 1: return VERDICT_DIE_WITHIN;
            default: return VERDICT_DIE_AFTER;
            }
        }
        calls_to_live--;
    }
    for (int number = 0; number < order_count; number++) {
        if (!(orders[number].calls & call)) continue;
        verdict it = judge_order(number, grows);
        if (it != VERDICT_GO) return it;
    }
    return VERDICT_GO;
}

// MARK: What people see of it

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15;
    return hash ^ (hash >> 29);
}

static uint64_t mix_bytes(uint64_t hash, const uint8_t *bytes, size_t count) {
    uint64_t word = 0;
    for (; count >= 8; bytes += 8, count -= 8) {
        memcpy(&word, bytes, 8);
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, bytes, count);
    return mix(hash, word + count);
}

static const char *describe(faultdisk_call call) {
    switch (call) {
    case FAULTDISK_OPEN: counts.opens++; return "open";
    case FAULTDISK_READ: counts.reads++; return "read";
    case FAULTDISK_WRITE: counts.writes++; return "write";
    case FAULTDISK_SYNC: counts.syncs++; return "sync";
    case FAULTDISK_TRUNCATE: counts.truncates++; return "truncate";
    case FAULTDISK_DELETE: counts.deletes++; return "delete";
    default: counts.locks++; return "lock";
    }
}

int faults_note(
    faultdisk_call call, const char *path, int64_t offset, int64_t bytes, const void *content, int result) {
    const char *name = describe(call);
    if (call == FAULTDISK_SYNC && result != 0) counts.failed_syncs++;
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *file = slash ? slash + 1 : path ? path : "(temporary)";
    call_hash = mix_bytes(call_hash, (const uint8_t *)file, strlen(file));
    call_hash = mix(mix(mix(mix(call_hash, (uint64_t)call), (uint64_t)offset), (uint64_t)bytes), (uint64_t)result);
    if (content && bytes > 0) call_hash = mix_bytes(call_hash, content, (size_t)bytes);
    if (observer) observer(name, file, offset, bytes, result);
    return result;
}

faultdisk_counts faultdisk_get_counts(void) { return counts; }

uint64_t faultdisk_hash(void) { return call_hash; }

void faultdisk_observe(faultdisk_observer it) { observer = it; }
