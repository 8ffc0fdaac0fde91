// simdjson's on-demand front end, used as its documentation advises: one parser, a padded buffer, fields in payload order.
#include "creferences.h"

#include <chrono>
#include <simdjson.h>

namespace od = simdjson::ondemand;

namespace {

bool flat(od::parser &parser, simdjson::padded_string_view payload, double &sum) {
    od::document document;
    std::string_view id, time, unit;
    double value;
    int64_t sequence;
    if (parser.iterate(payload).get(document)) return false;
    if (document.find_field("sensor_id").get_string().get(id)) return false;
    if (document.find_field("ts").get_string().get(time)) return false;
    if (document.find_field("value").get_double().get(value)) return false;
    if (document.find_field("unit").get_string().get(unit)) return false;
    if (document.find_field("seq").get_int64().get(sequence)) return false;
    sum += value + double(sequence) + double(id.size() + time.size() + unit.size());
    return true;
}

bool uplink(od::parser &parser, simdjson::padded_string_view payload, double &sum) {
    od::document document;
    od::object ids, message, decoded;
    std::string_view device, time;
    int64_t counter;
    double value;
    if (parser.iterate(payload).get(document)) return false;
    if (document.find_field("end_device_ids").get_object().get(ids)) return false;
    if (ids.find_field("device_id").get_string().get(device)) return false;
    if (document.find_field("uplink_message").get_object().get(message)) return false;
    if (message.find_field("f_cnt").get_int64().get(counter)) return false;
    if (message.find_field("decoded_payload").get_object().get(decoded)) return false;
    if (decoded.find_field("temperature").get_double().get(value)) return false;
    if (message.find_field("received_at").get_string().get(time)) return false;
    sum += value + double(counter) + double(device.size() + time.size());
    return true;
}

}  // namespace

extern "C" double creferences_decode(
    const uint8_t *payload, size_t length, uint64_t count, int is_uplink, double *checksum) {
    od::parser parser;
    const simdjson::padded_string_view view(payload, length, length + simdjson::SIMDJSON_PADDING);
    const auto start = std::chrono::steady_clock::now();
    double sum = 0;
    for (uint64_t i = 0; i < count; ++i)
        if (!(is_uplink ? uplink(parser, view, sum) : flat(parser, view, sum))) return -1;
    *checksum = sum;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
