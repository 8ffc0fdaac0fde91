// Which call fails; see faultdisk.h. Not for other targets.
#ifndef FAULTDISK_FAULTS_H
#define FAULTDISK_FAULTS_H

#include "faultdisk.h"

// What is to become of a call.
typedef enum {
    VERDICT_GO,
    VERDICT_ERROR,
    VERDICT_FORGET,
    VERDICT_FULL,
    VERDICT_BUSY,
    // The process dies: before the call has done anything, in its middle, or after it.
    VERDICT_DIE_BEFORE,
    VERDICT_DIE_WITHIN,
    VERDICT_DIE_AFTER,
    // The process is dead.
    VERDICT_DEAD,
} verdict;

// Judges the next call. `grows`: it would make a file longer.
verdict faults_judge(faultdisk_call call, bool grows);
// Which life of the process this is, from 1.
uint64_t faults_life(void);
// Counts, hashes and shows a call that is over. Returns `result`.
int faults_note(faultdisk_call call, const char *path, int64_t offset, int64_t bytes, const void *content, int result);

#endif
