// simdjson's on-demand front end, used as its documentation advises: one parser, padded buffers, fields in payload order.
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

bool gateway(od::object &message, double &sum) {
    od::array all;
    if (message.find_field("rx_metadata").get_array().get(all)) return false;
    for (auto each : all) {
        od::object first, ids;
        std::string_view name;
        double rssi, snr;
        if (each.get_object().get(first)) return false;
        if (first.find_field("gateway_ids").get_object().get(ids)) return false;
        if (ids.find_field("gateway_id").get_string().get(name)) return false;
        if (first.find_field("rssi").get_double().get(rssi)) return false;
        if (first.find_field("snr").get_double().get(snr)) return false;
        sum += rssi + snr + double(name.size());
        return true;
    }
    return false;
}

bool uplink(od::parser &parser, simdjson::padded_string_view payload, double &sum) {
    od::document document;
    od::object ids, message, decoded;
    std::string_view device, session, time;
    int64_t counter;
    double battery, pressure, temperature;
    if (parser.iterate(payload).get(document)) return false;
    if (document.find_field("end_device_ids").get_object().get(ids)) return false;
    if (ids.find_field("device_id").get_string().get(device)) return false;
    if (document.find_field("uplink_message").get_object().get(message)) return false;
    if (message.find_field("session_key_id").get_string().get(session)) return false;
    if (message.find_field("f_cnt").get_int64().get(counter)) return false;
    if (message.find_field("decoded_payload").get_object().get(decoded)) return false;
    if (decoded.find_field("battery").get_double().get(battery)) return false;
    if (decoded.find_field("pressure").get_double().get(pressure)) return false;
    if (decoded.find_field("temperature").get_double().get(temperature)) return false;
    if (!gateway(message, sum)) return false;
    if (message.find_field("received_at").get_string().get(time)) return false;
    sum += battery + pressure + temperature + double(counter) + double(device.size() + session.size() + time.size());
    return true;
}

/// Records of SenML: every member is of interest, in any order.
bool records(od::parser &parser, simdjson::padded_string_view payload, double &sum) {
    od::document document;
    od::array pack;
    if (parser.iterate(payload).get(document)) return false;
    if (document.get_array().get(pack)) return false;
    for (auto each : pack) {
        od::object record;
        if (each.get_object().get(record)) return false;
        for (auto member : record) {
            std::string_view label, text;
            double number;
            if (member.unescaped_key().get(label)) return false;
            if (label == "v" || label == "t" || label == "bt") {
                if (member.value().get_double().get(number)) return false;
                sum += number;
            } else {
                if (member.value().get_string().get(text)) return false;
                sum += double(text.size());
            }
        }
    }
    return true;
}

/// What a Sparkplug payload says, as JSON.
bool metrics(od::parser &parser, simdjson::padded_string_view payload, double &sum) {
    od::document document;
    od::array all;
    int64_t time, sequence;
    if (parser.iterate(payload).get(document)) return false;
    if (document.find_field("timestamp").get_int64().get(time)) return false;
    if (document.find_field("metrics").get_array().get(all)) return false;
    for (auto each : all) {
        od::object metric;
        int64_t alias, at, datatype;
        double value;
        if (each.get_object().get(metric)) return false;
        if (metric.find_field("alias").get_int64().get(alias)) return false;
        if (metric.find_field("timestamp").get_int64().get(at)) return false;
        if (metric.find_field("datatype").get_int64().get(datatype)) return false;
        if (metric.find_field("value").get_double().get(value)) return false;
        sum += value + double(alias + at + datatype);
    }
    if (document.find_field("seq").get_int64().get(sequence)) return false;
    sum += double(time + sequence);
    return true;
}

using Reader = bool (*)(od::parser &, simdjson::padded_string_view, double &);
constexpr Reader readers[] = {flat, uplink, records, metrics};

}  // namespace

extern "C" double creferences_decode(
    creferences_message kind, const creferences_texts *payloads, uint64_t count, double *checksum) {
    od::parser parser;
    const Reader read = readers[kind];
    const auto start = std::chrono::steady_clock::now();
    double sum = 0;
    for (uint64_t i = 0, at = 0; i < count; ++i, at = at + 1 == payloads->count ? 0 : at + 1) {
        const simdjson::padded_string_view view(payloads->bytes + at * payloads->stride, payloads->lengths[at], payloads->stride);
        if (!read(parser, view, sum)) return -1;
    }
    *checksum = sum;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
