internal import CMosquitto

/// What messages are published under.
public enum TopicName {
    /// Whether a broker takes it: not empty, at most 65,535 bytes, without wildcards, and UTF-8 without control characters and
    /// noncharacters (MQTT 5, sections 1.5.4 and 4.7.3).
    public static func isValid(_ topic: String) -> Bool {
        let count = topic.utf8.count
        guard (1...65_535).contains(count) else { return false }
        // The C functions read `count` bytes, which live as long as the call.
        return unsafe topic.withCString { bytes in
            unsafe mosquitto_pub_topic_check2(bytes, count) == Int32(MOSQ_ERR_SUCCESS.rawValue)
                && mosquitto_validate_utf8(bytes, Int32(count)) == Int32(MOSQ_ERR_SUCCESS.rawValue)
        }
    }
}
