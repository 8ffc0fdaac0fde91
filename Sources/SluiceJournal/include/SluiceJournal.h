// A broker's journal of accepted publishes: what stands in its files.
//
// A journal is a directory:
//
//   00000000000000000001.journal   segments, numbered from 1 without a gap; only the newest grows
//   00000000000000000002.journal
//   consumers/NAME                 how far a reader has come: "JOURNAL SEGMENT OFFSET\n", the first in 16 hex digits
//   lock                           held by the broker that writes
//
// A segment is a header and then records, one after the other, without padding. All numbers are little-endian.
//
//   segment header, 32 bytes                        record, 24 bytes, then topic, then payload
//    0  8  "SLUICEJ1"                                0  4  length of all of it, header included
//    8  8  the journal's random number               4  4  CRC-32C of bytes 0..<4 and 8..<length
//   16  8  the segment's number                      8  8  when the broker took it, ms since the Unix epoch
//   24  4  0                                        16  4  length of the payload
//   28  4  CRC-32C of bytes 0..<28                  20  2  length of the topic
//                                                   22  1  QoS, 1 or 2
//                                                   23  1  1 if the publish had its retain flag set, else 0
//
// The journal's number stays the same from segment to segment; a journal that was begun anew has another. Each start of
// the broker begins a segment of its own: a record that a reader has seen and a power cut took away leaves a hole
// at the end of a segment, never another record in its place.
#ifndef SLUICE_JOURNAL_H
#define SLUICE_JOURNAL_H

#include <stdint.h>

#define SLUICE_JOURNAL_MAGIC "SLUICEJ1"
#define SLUICE_JOURNAL_SEGMENT_HEADER 32
#define SLUICE_JOURNAL_RECORD_HEADER 24
// MQTT's largest packet.
#define SLUICE_JOURNAL_LONGEST_RECORD (268435455 + SLUICE_JOURNAL_RECORD_HEADER)

#endif
