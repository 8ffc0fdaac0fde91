// The faults that are expected, what should happen, and where that is proved. Names without a folder are tests of this one.
//
// | fault                         | what should happen                                  | proved by                                  |
// |-------------------------------|-----------------------------------------------------|--------------------------------------------|
// | broker down at start          | ready over HTTP, 503 in the health report, backoff  | aBrokerThatIsDownAtStartIsWaitedFor…       |
// | broker restarts               | subscribes again, nothing lost                      | aBrokerThatRestartsLosesNothing…           |
// | broker killed                 | subscribes anew; with the journal nothing lost      | afterTheBrokerWasKilled…, CrashTest        |
// | network cut, FIN or RST       | nothing lost, nothing twice                         | aConnectionThatIsCutAgainAndAgain…         |
// | half-open TCP                 | found within two keepalives                         | aHalfOpenConnectionIsFound…                |
// | slow, dribbling, one-way line | nothing lost, nothing twice                         | aSlowLine…, aBrokerThatTakesNoAcknowl…     |
// | DNS failure                   | backoff, HTTP answers meanwhile                     | anUnknownHostIsSaid…                       |
// | TLS: unknown, wrong name,     | alarm, never plain; warned of 30 days before        | MQTTSessionTests: refusesWhatItCantTrust,  |
// | expired                       |                                                     | neverFallsBackToPlain, warnsOfACertific…   |
// | password refused              | alarm, slow backoff, never printed                  | aRefusedPasswordIsTriedSlowly…             |
// | client id taken over          | alarm, half a minute's wait; one daemon a directory | aClientIDThatAnotherTakes…,                |
// |                               |                                                     | EndToEndTests: aSecondDaemon…              |
// | subscription refused          | alarm, not ready                                    | aRefusedSubscriptionIsAnAlarm…             |
// | retained flood                | not read                                            | retainedReadingsAreNoNews…                 |
// | duplicates                    | one row, counted                                    | aRepeatedReadingIsStoredOnce…              |
// | conflicting duplicates        | the first counts, the other is recorded once        | aRepeatedReadingIsStoredOnce…              |
// | out of order, late, future    | stored, flagged, no request                         | PipelineTests: StreamProcessorTests        |
// | clock steps                   | windows, timers and connection unaffected           | aClockThatJumps…                           |
// | NaN, huge numbers, bad UTF-8, | quarantined by name, acknowledged, block nobody     | poisonBlocksNobody…, EndToEndTests:        |
// | depth bomb                    |                                                     | eachKindOfBadMessage…, DecodeFuzz          |
// | 1 MB payload                  | refused by the broker; above 64 KiB: 4 KiB are kept | aMegabyteIsRefused…                        |
// | tenfold burst, ring full      | held back, nothing lost, memory flat                | aTenfoldBurst…                             |
// | detection slower than sensors | held back by a full ring, not lost; one that is     | aTenfoldBurst…, aPipelineThatIsStuck…      |
// |                               | stuck is seen in the health report                  |                                            |
// | one flooding sensor           | shed by name, counted; nobody else is               | aFloodingSensorIsShed…                     |
// | flood of new names            | up to sensors.max; known ones go on                 | newNamesAreTakenUpToTheLimit…              |
// | fsync stalls                  | no acknowledgement, visible, nothing lost           | aSyncThatStalls…                           |
// | disk full                     | no acknowledgement, recovers without a restart      | aFullDisk…, nothingIsAcknowledgedWhile…    |
// | read-only file system         | the same                                            | nothingIsAcknowledgedWhile… (injected: a   |
// |                               |                                                     | file system in use can't be remounted)     |
// | EIO, failed fsync             | the same, on a connection opened anew               | nothingIsAcknowledgedWhile… (injected)     |
// | database locked by another    | waited for, then as above                           | anotherProcessThatHolds…                   |
// | database damaged              | moved aside, never deleted; people are told         | aDatabaseThatIsDamaged…                    |
// | SIGTERM in mid-batch          | committed, acknowledged, exit 0 within 5 s          | aStopInMidBatch…                           |
// | SIGKILL                       | nothing lost, nothing twice, the same requests      | CrashTest, twoKillsInARow…                 |
// | the same, durability: crash   | the same; the log says what a power cut would lose  | withDurabilityCrashKillsLoseNothing…       |
// | a start that takes long       | says each second what it does                       | aStartThatTakesLongSaysWhatItDoes          |
// | SIGSTOP                       | nothing lost                                        | aProcessThatStoodStill…                    |
// | a registry that is edited,    | the same requests as without a kill                 | aKillBehindAnEditedRegistry…               |
// | then SIGKILL                  |                                                     |                                            |
// | other services, another clock | hold from the restart on: as after a stop in order  | aKillBeforeOtherServices…                  |
// | a bad file on SIGHUP          | nothing changes, every problem is named             | aBrokenFileChangesNothing…                 |
// | a stuck thread                | systemd is not told that all is well, and restarts  | aPipelineThatIsStuckStarves…               |
// | out of file descriptors       | readings flow, the broker is found again            | withoutFileDescriptors…                    |
// | memory runs out               | says so, is gone within 10 s, exit by a signal, so  | whereMemoryHasRunOut…                      |
// |                               | that systemd starts it again; nothing lost          |                                            |
// | slowloris                     | MQTT and other callers unaffected                   | callersWhoNeverFinish…, HTTPAPITests       |
// | a POST too long, or smuggled  | 413 or 400 before the body is read, then hung up    | aPostThatIsTooLongOrSmuggled…              |
// | keys are guessed              | locked out after five, longer each time; 429        | whoGuessesKeys…, DaemonTests: KeyringTests |
// | forged lines of the log       | control characters are escaped, a line is JSON      | whatSensorsAreCalled…, TelemetryTests:     |
// |                               |                                                     | SluiceLogHandlerTests                      |
// | acknowledged before the disk  | never                                               | everyAcknowledgementFollowsASync…          |
// | a sensor poses as another     | quarantined                                         | EndToEndTests: eachKindOfBadMessage…       |
// | lost frames, a silent sensor, | told apart; a dead gateway is one request           | lostFramesASilentSensor…, EndToEndTests:   |
// | a dead gateway                |                                                     | whatFrameCountersSay…                      |
// | injection, XSS, traversal     | bound parameters, CSP, asset table                  | HTTPAPITests                               |
//
// What can't be staged here, and why:
// - power loss: takes hardware or a virtual machine's disk. What it rests on is: everyAcknowledgementFollowsASync…
// - the kernel's OOM killer: takes the whole machine's memory; to the data it is a SIGKILL.
// - a sensor with a wrong access list under MQTT 3.1.1: the broker acknowledges and drops; nothing of it reaches us but silence.
