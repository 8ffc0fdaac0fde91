// CRC-32C (Castagnoli), RFC 3720 §12.1: eight bytes a step, from tables.
#ifndef CRC32C_H
#define CRC32C_H

#include <stddef.h>
#include <stdint.h>

// Once, before the first use.
void crc32c_prepare(void);

// Continues `crc` (0 at the beginning) over `length` bytes.
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length);

#endif
