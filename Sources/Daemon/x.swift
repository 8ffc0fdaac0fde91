import ArgumentParser
import Crypto
import GRDB
import Histogram
import Hummingbird
import ServiceLifecycle
import Logging
import Subprocess
import Yams
@main struct S { static func main() { print("x") } }
