#include "images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faultdisk.h"

static entry *entries;
static inode *inodes;
static shared_index *buried;
static uint64_t random_state;

void *checked_alloc(size_t bytes) { return checked_realloc(NULL, bytes); }

void *checked_realloc(void *memory, size_t bytes) {
    void *grown = realloc(memory, bytes ? bytes : 1);
    if (!grown) {
        fputs("faultdisk: out of memory\n", stderr);
        abort();
    }
    return grown;
}

// MARK: Chance

void random_seed(uint64_t seed) { random_state = seed; }

// SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
uint64_t random_next(void) {
    uint64_t mixed = (random_state += 0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

uint64_t random_below(uint64_t bound) { return bound ? random_next() % bound : 0; }

// MARK: Images

void image_resize(image *it, int64_t size) {
    if (size > it->capacity) {
        int64_t capacity = it->capacity * 2 > size ? it->capacity * 2 : size;
        it->bytes = checked_realloc(it->bytes, (size_t)capacity);
        it->capacity = capacity;
    }
    // A hole reads as zeros.
    if (size > it->size) memset(it->bytes + it->size, 0, (size_t)(size - it->size));
    it->size = size;
}

void image_write(image *it, int64_t offset, const void *bytes, int64_t count) {
    if (count <= 0) return;
    if (offset + count > it->size) image_resize(it, offset + count);
    memcpy(it->bytes + offset, bytes, (size_t)count);
}

// MARK: Files

inode *inode_make(void) {
    inode *file = checked_alloc(sizeof *file);
    memset(file, 0, sizeof *file);
    file->next = inodes;
    inodes = file;
    return file;
}

static void note(inode *file, int64_t offset, int64_t count, const void *bytes) {
    if (file->pending_count == file->pending_capacity) {
        file->pending_capacity = file->pending_capacity ? file->pending_capacity * 2 : 16;
        file->pending = checked_realloc(file->pending, (size_t)file->pending_capacity * sizeof *file->pending);
    }
    change it = {offset, count, file->pending_bytes.size};
    image_write(&file->pending_bytes, it.start, bytes, count);
    file->pending[file->pending_count++] = it;
}

void inode_write(inode *file, int64_t offset, const void *bytes, int64_t count) {
    image_write(&file->written, offset, bytes, count);
    note(file, offset, count, bytes);
}

void inode_truncate(inode *file, int64_t size) {
    image_resize(&file->written, size);
    note(file, size, -1, NULL);
}

static void forget_pending(inode *file) {
    file->pending_count = 0;
    file->pending_bytes.size = 0;
}

static void apply(inode *file, const change *it) {
    if (it->count < 0) {
        image_resize(&file->synced, it->offset);
    } else {
        image_write(&file->synced, it->offset, file->pending_bytes.bytes + it->start, it->count);
    }
}

void inode_sync(inode *file) {
    for (int number = 0; number < file->pending_count; number++) apply(file, &file->pending[number]);
    forget_pending(file);
}

// Each sector of a write is kept with probability `kept` of 256. Returns how many were not.
static uint64_t apply_in_part(inode *file, const change *it, uint64_t kept) {
    if (it->count < 0) {
        if (random_below(256) < kept) apply(file, it);
        return 0;
    }
    uint64_t lost = 0;
    int64_t end = it->offset + it->count;
    for (int64_t at = it->offset; at < end;) {
        int64_t next = (at / SECTOR_BYTES + 1) * SECTOR_BYTES;
        if (next > end) next = end;
        if (random_below(256) < kept) {
            image_write(
                &file->synced, at, file->pending_bytes.bytes + it->start + (at - it->offset), next - at);
        } else {
            lost++;
        }
        at = next;
    }
    return lost;
}

static uint64_t resolve(inode *file) {
    uint64_t lost = 0;
    int count = file->pending_count;
    if (count == 0) return 0;
    // Where the cut falls within what was pending: what comes before is kept likelier than what comes after.
    int cut = (int)random_below((uint64_t)count + 1);
    uint64_t before = 256, after = 0;
    switch (random_below(5)) {
    case 0: before = 0; break;               // nothing had been written back
    case 1: after = 256; break;              // everything had been
    case 2: before = after = 128; break;     // half of the sectors, in no order
    case 3: break;                           // in order, up to somewhere
    default: before = 250, after = 32; break;  // roughly in order
    }
    for (int number = 0; number < count; number++) {
        uint64_t kept = number < cut ? before : number == cut && after < 256 ? 128 : after;
        lost += apply_in_part(file, &file->pending[number], kept);
    }
    forget_pending(file);
    return lost;
}

void inode_sync_in_part(inode *file) { resolve(file); }

void inode_drop_index(inode *file) {
    if (!file->index) return;
    file->index->next_buried = buried;
    buried = file->index;
    file->index = NULL;
}

// MARK: Names

entry *directory_find(const char *path) {
    for (entry *it = entries; it; it = it->next)
        if (strcmp(it->path, path) == 0) return it;
    return NULL;
}

inode *directory_open(const char *path, bool create, bool *created) {
    entry *it = directory_find(path);
    if (it && it->now) return it->now;
    if (!create) return NULL;
    if (!it) {
        it = checked_alloc(sizeof *it);
        *it = (entry){.path = strdup(path), .next = entries};
        entries = it;
    }
    it->now = inode_make();
    *created = true;
    return it->now;
}

void directory_remove(const char *path) {
    entry *it = directory_find(path);
    if (it) it->now = NULL;
}

void directory_sync(void) {
    for (entry *it = entries; it; it = it->next) it->synced = it->now;
}

bool directory_is_in_use(void) {
    for (inode *file = inodes; file; file = file->next)
        if (file->handles > 0) return true;
    return false;
}

static void index_free(shared_index *it) {
    for (int region = 0; region < it->region_count; region++) free(it->regions[region]);
    free(it->regions);
    free(it);
}

static void inode_free(inode *file) {
    free(file->written.bytes);
    free(file->synced.bytes);
    free(file->pending_bytes.bytes);
    free(file->pending);
    if (file->index) index_free(file->index);
    free(file);
}

void directory_format(void) {
    while (entries) {
        entry *next = entries->next;
        free(entries->path);
        free(entries);
        entries = next;
    }
    while (inodes) {
        inode *next = inodes->next;
        inode_free(inodes);
        inodes = next;
    }
    while (buried) {
        shared_index *next = buried->next_buried;
        index_free(buried);
        buried = next;
    }
}

// MARK: The ends

static void copy_image(image *to, const image *from) {
    image_resize(to, from->size);
    if (from->size > 0) memcpy(to->bytes, from->bytes, (size_t)from->size);
}

uint64_t directory_power_cut(void) {
    uint64_t lost = 0;
    for (entry *it = entries; it; it = it->next) {
        // A name that was not synced may have been written back all the same.
        if (it->now != it->synced && random_below(2)) it->synced = it->now;
        it->now = it->synced;
    }
    for (inode *file = inodes; file; file = file->next) {
        if (file->is_copy) continue;
        lost += resolve(file);
        copy_image(&file->written, &file->synced);
    }
    return lost;
}

void directory_kill(void) {
    for (inode *file = inodes; file; file = file->next) {
        if (file->is_copy) continue;
        file->sharers = 0;
        file->is_reserved = file->is_pending = file->is_exclusive = false;
        inode_drop_index(file);
    }
}

static char *replaced(const char *path, const char *from, const char *to) {
    size_t cut = strlen(from), length = strlen(to) + strlen(path) - cut + 1;
    char *copy = checked_alloc(length);
    snprintf(copy, length, "%s%s", to, path + cut);
    return copy;
}

void faultdisk_copy(const char *from, const char *to, bool synced) {
    // New entries are put in front of those that are walked.
    for (entry *it = entries; it; it = it->next) {
        inode *source = synced ? it->synced : it->now;
        if (!source || strncmp(it->path, from, strlen(from)) != 0) continue;
        char *path = replaced(it->path, from, to);
        bool created = false;
        inode *copy = directory_open(path, true, &created);
        copy->is_copy = true;
        copy_image(&copy->written, synced ? &source->synced : &source->written);
        free(path);
    }
}

void faultdisk_forget(const char *prefix) {
    for (entry **link = &entries; *link;) {
        entry *it = *link;
        if (strncmp(it->path, prefix, strlen(prefix)) != 0) {
            link = &it->next;
            continue;
        }
        for (inode **place = &inodes; *place; place = &(*place)->next) {
            if (*place != it->now || (*place)->handles > 0) continue;
            inode *file = *place;
            *place = file->next;
            inode_free(file);
            break;
        }
        *link = it->next;
        free(it->path);
        free(it);
    }
}
