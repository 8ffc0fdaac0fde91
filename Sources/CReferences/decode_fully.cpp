// What any right decoder of these messages has to do, in ordinary C++ over simdjson: not only find the fields, but check the whole
// document and that nothing wanted comes twice, read times, convert units, see that ids and numbers are possible, and give
// readings. Written as one would write it for speed: nothing is allocated once buffers have grown, texts are views.
#include "creferences.h"

#include <chrono>
#include <cmath>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace od = simdjson::ondemand;
using std::string_view;

namespace {

struct Measurement {
    int64_t at_ms;
    double value;
    int64_t counter;
    uint8_t quantity;
    bool has_own_time;
};

struct Message {
    std::vector<Measurement> measurements;
    std::string sensor, gateway, session;
    int64_t counter = -1;
    double rssi = NAN, snr = NAN;
};

enum Quantity : uint8_t { FLOW, PRESSURE, TEMPERATURE, BATTERY, FILL, SPEED };

/// A unit: the quantity that it measures, and how it becomes that quantity's own.
struct Unit {
    Quantity quantity;
    double scale, offset;
};

const std::unordered_map<string_view, Unit> &units() {
    static const std::unordered_map<string_view, Unit> all = {
        {"m3/h", {FLOW, 1, 0}},        {"m3/s", {FLOW, 3600, 0}},          {"L/s", {FLOW, 3.6, 0}},
        {"L/min", {FLOW, .06, 0}},     {"L/h", {FLOW, .001, 0}},           {"Pa", {PRESSURE, 1 / 9806.65, 0}},
        {"hPa", {PRESSURE, 100 / 9806.65, 0}}, {"kPa", {PRESSURE, 1000 / 9806.65, 0}},
        {"bar", {PRESSURE, 100000 / 9806.65, 0}}, {"m", {PRESSURE, 1, 0}}, {"Cel", {TEMPERATURE, 1, 0}},
        {"°C", {TEMPERATURE, 1, 0}},   {"K", {TEMPERATURE, 1, -273.15}},   {"°F", {TEMPERATURE, 5. / 9, -160. / 9}},
        {"%EL", {BATTERY, 1, 0}},      {"%", {FILL, 1, 0}},                {"km/h", {SPEED, 1, 0}},
        {"m/s", {SPEED, 3.6, 0}},      {"mph", {SPEED, 1.609344, 0}},
    };
    return all;
}

const std::unordered_map<string_view, Quantity> &fields() {
    static const std::unordered_map<string_view, Quantity> all = {
        {"flow", FLOW}, {"pressure", PRESSURE}, {"temp", TEMPERATURE}, {"temperature", TEMPERATURE},
        {"battery", BATTERY}, {"Flow", FLOW}, {"Pressure", PRESSURE}, {"Temperature", TEMPERATURE}, {"Battery", BATTERY},
    };
    return all;
}

constexpr int64_t kEarliestMs = 946684800000, kEndMs = 4102444800000;

bool digits(string_view text, size_t at, size_t count, int &number) {
    number = 0;
    for (size_t i = at; i < at + count; i++) {
        const unsigned digit = unsigned(text[i] - '0');
        if (digit > 9) return false;
        number = number * 10 + int(digit);
    }
    return true;
}

/// RFC 3339 in UTC.
bool time_ms(string_view text, int64_t &ms) {
    int year, month, day, hour, minute, second;
    if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
        text[16] != ':' || !digits(text, 0, 4, year) || !digits(text, 5, 2, month) || !digits(text, 8, 2, day) ||
        !digits(text, 11, 2, hour) || !digits(text, 14, 2, minute) || !digits(text, 17, 2, second))
        return false;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1] + (month == 2 && is_leap) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    int fraction = 0, weight = 100;
    if (text.size() > 20) {
        if (text[19] != '.' || text.size() == 21) return false;
        for (size_t i = 20; i + 1 < text.size(); i++, weight /= 10) {
            const unsigned digit = unsigned(text[i] - '0');
            if (digit > 9) return false;
            fraction += int(digit) * weight;
        }
    }
    // Days since 1970 (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    const int y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
    const int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const int64_t days = int64_t(era) * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    ms = ((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 + fraction;
    return ms >= kEarliestMs && ms < kEndMs;
}

/// UTF-8 has been checked by simdjson.
bool is_id(string_view id) {
    if (id.empty() || id.size() > 128) return false;
    for (const char c : id)
        if (uint8_t(c) < 0x20 || c == 0x7F) return false;
    return true;
}

/// The topic's levels where the pattern has a plus, into `captures`.
bool matches(string_view topic, string_view pattern, string_view *captures) {
    size_t at = 0, in = 0;
    while (in < pattern.size()) {
        if (pattern[in] == '+') {
            const size_t end = std::min(topic.find('/', at), topic.size());
            *captures++ = topic.substr(at, end - at);
            at = end;
            in++;
        } else {
            if (at >= topic.size() || topic[at++] != pattern[in++]) return false;
        }
    }
    return at == topic.size();
}

bool is_kind(string_view kind) {
    return kind == "water-leak" || kind == "traffic" || kind == "bin-fill" || kind == "generic";
}

/// Looks at all of a value that nobody wants.
template <class Value> bool check(Value &&value) {
    od::json_type type;
    if (value.type().get(type)) return false;
    switch (type) {
    case od::json_type::string: { string_view text; return !value.get_string().get(text); }
    case od::json_type::number: { double number; return !value.get_double().get(number); }
    case od::json_type::boolean: { bool truth; return !value.get_bool().get(truth); }
    case od::json_type::null: return value.is_null();
    case od::json_type::array: {
        od::array array;
        if (value.get_array().get(array)) return false;
        for (auto each : array) {
            od::value element;
            if (std::move(each).get(element) || !check(element)) return false;
        }
        return true;
    }
    case od::json_type::object: {
        od::object object;
        if (value.get_object().get(object)) return false;
        for (auto each : object) {
            od::field field;
            string_view name;
            if (std::move(each).get(field) || field.unescaped_key().get(name) || !check(field.value())) return false;
        }
        return true;
    }
    }
    return false;
}

/// Calls `take(name, value)` for each member; what it does not know it checks. Each bit of `seen` may be set once.
template <class Take> bool members(od::object object, Take take) {
    for (auto each : object) {
        od::field field;
        string_view name;
        if (std::move(each).get(field) || field.unescaped_key().get(name)) return false;
        od::value value = field.value();
        if (!take(name, value)) return false;
    }
    return true;
}

/// Whether nothing stands behind the document.
bool is_at_end(od::document &document) { return document.current_location().error() == simdjson::OUT_OF_BOUNDS; }

bool once(unsigned &seen, unsigned bit) {
    const bool is_first = !(seen & bit);
    seen |= bit;
    return is_first;
}

bool is_possible(double value) { return std::isfinite(value) && std::fabs(value) <= 1e12; }

bool flat(od::parser &parser, simdjson::padded_string_view payload, string_view topic, Message &message) {
    string_view captures[2];
    if (!matches(topic, "sluice/+/+", captures) || !is_kind(captures[0])) return false;
    od::document document;
    od::object object;
    if (parser.iterate(payload).get(document) || document.get_object().get(object)) return false;
    unsigned seen = 0;
    string_view id, time, symbol;
    double value = 0;
    int64_t counter = -1;
    const bool ok = members(object, [&](string_view name, od::value &each) {
        if (name == "sensor_id") return once(seen, 1) && !each.get_string().get(id);
        if (name == "ts") return once(seen, 2) && !each.get_string().get(time);
        if (name == "value") return once(seen, 4) && !each.get_double().get(value);
        if (name == "unit") return once(seen, 8) && !each.get_string().get(symbol);
        if (name == "seq") return once(seen, 16) && !each.get_int64().get(counter);
        return check(each);
    });
    int64_t at_ms;
    if (!ok || !is_at_end(document) || seen != 31 || !is_id(id) || id != captures[1] || !time_ms(time, at_ms)) return false;
    const auto unit = units().find(symbol);
    if (unit == units().end() || unit->second.quantity != FLOW || counter < 0 || counter > INT32_MAX) return false;
    value = value * unit->second.scale + unit->second.offset;
    if (!is_possible(value)) return false;
    message.sensor.assign(id);
    message.measurements.push_back({at_ms, value, counter, FLOW, true});
    return true;
}

bool uplink(od::parser &parser, simdjson::padded_string_view payload, string_view topic, Message &message) {
    string_view captures[2];
    if (!matches(topic, "v3/+/devices/+/up", captures)) return false;
    od::document document;
    od::object object;
    if (parser.iterate(payload).get(document) || document.get_object().get(object)) return false;
    unsigned seen = 0;
    string_view device, session, time, gateway;
    struct { Quantity quantity; double value; } found[3];
    size_t count = 0;
    const auto signal = [&](string_view name, od::value &each) {
        if (name == "gateway_ids") {
            od::object ids;
            return once(seen, 1) && !each.get_object().get(ids) && members(ids, [&](string_view name, od::value &each) {
                return name == "gateway_id" ? once(seen, 2) && !each.get_string().get(gateway) : check(each);
            });
        }
        if (name == "rssi") return once(seen, 4) && !each.get_double().get(message.rssi);
        if (name == "snr") return once(seen, 8) && !each.get_double().get(message.snr);
        return check(each);
    };
    const auto decoded = [&](string_view name, od::value &each) {
        const auto field = fields().find(name);
        if (field == fields().end()) return check(each);
        const auto quantity = field->second;
        double value;
        if (!once(seen, 256u << quantity) || count == 3 || each.get_double().get(value)) return false;
        if (quantity == PRESSURE) value *= 1000 / 9806.65;
        found[count++] = {quantity, value};
        return is_possible(value);
    };
    const auto uplink_message = [&](string_view name, od::value &each) {
        if (name == "session_key_id") return once(seen, 16) && !each.get_string().get(session);
        if (name == "f_cnt") return once(seen, 32) && !each.get_int64().get(message.counter);
        if (name == "received_at") return once(seen, 64) && !each.get_string().get(time);
        if (name == "decoded_payload") {
            od::object body;
            return once(seen, 128) && !each.get_object().get(body) && members(body, decoded);
        }
        if (name == "rx_metadata") {
            od::array all;
            if (!once(seen, 1 << 16) || each.get_array().get(all)) return false;
            bool is_first = true;
            for (auto one : all) {
                od::value element;
                od::object receiver;
                if (std::move(one).get(element)) return false;
                if (is_first ? element.get_object().get(receiver) || !members(receiver, signal) : !check(element)) return false;
                is_first = false;
            }
            return true;
        }
        return check(each);
    };
    const bool ok = members(object, [&](string_view name, od::value &each) {
        od::object inner;
        if (name == "end_device_ids") {
            return once(seen, 1 << 17) && !each.get_object().get(inner) && members(inner, [&](string_view name, od::value &each) {
                return name == "device_id" ? once(seen, 1 << 18) && !each.get_string().get(device) : check(each);
            });
        }
        if (name == "uplink_message") return once(seen, 1 << 19) && !each.get_object().get(inner) && members(inner, uplink_message);
        return check(each);
    });
    int64_t at_ms;
    if (!ok || !is_at_end(document) || count == 0 || !is_id(device) || !is_id(gateway) || !time_ms(time, at_ms)) return false;
    if (message.counter < 0 || message.counter > UINT32_MAX) return false;
    message.sensor.assign(device);
    message.gateway.assign(gateway);
    message.session.assign(session);
    for (size_t i = 0; i < count; i++)
        message.measurements.push_back({at_ms, found[i].value, message.counter, found[i].quantity, true});
    return true;
}

bool by_time(const Measurement &a, const Measurement &b) { return a.at_ms < b.at_ms; }

/// In place: there are few, and mostly in order. (std::stable_sort allocates.)
void sort(std::vector<Measurement> &all) {
    for (size_t i = 1; i < all.size(); i++)
        for (size_t hole = i; hole > 0 && by_time(all[hole], all[hole - 1]); hole--) std::swap(all[hole], all[hole - 1]);
}

bool pack(od::parser &parser, simdjson::padded_string_view payload, string_view topic, Message &message) {
    string_view captures[1];
    if (!matches(topic, "senml/+", captures)) return false;
    od::document document;
    od::array records;
    if (parser.iterate(payload).get(document) || document.get_array().get(records)) return false;
    string_view base_name, base_unit;
    double base_time = 0, base_value = 0;
    for (auto each : records) {
        od::object record;
        if (each.get_object().get(record)) return false;
        string_view name, unit = base_unit;
        double value = 0, time = 0;
        bool has_value = false;
        const bool ok = members(record, [&](string_view label, od::value &each) {
            if (label == "n") return !each.get_string().get(name);
            if (label == "u") return !each.get_string().get(unit);
            if (label == "v") return has_value = true, !each.get_double().get(value);
            if (label == "t") return !each.get_double().get(time);
            if (label == "bn") return !each.get_string().get(base_name);
            if (label == "bt") return !each.get_double().get(base_time);
            if (label == "bu") return !each.get_string().get(base_unit);
            if (label == "bv") return !each.get_double().get(base_value);
            return (label.empty() || label.back() != '_') && check(each);
        });
        if (!ok) return false;
        const auto field = fields().find(name);
        if (!has_value || field == fields().end()) continue;
        string_view sensor = base_name;
        while (!sensor.empty() && (sensor.back() == ':' || sensor.back() == '/')) sensor.remove_suffix(1);
        if (message.measurements.empty() || sensor != message.sensor) {
            if (!is_id(sensor)) return false;
            message.sensor.assign(sensor);
        }
        const auto known = units().find(unit);
        if (known == units().end() || known->second.quantity != field->second) return false;
        value = (base_value + value) * known->second.scale + known->second.offset;
        const double at_ms = (base_time + time) * 1000;
        if (!is_possible(value) || !(at_ms >= double(kEarliestMs)) || at_ms >= double(kEndMs)) return false;
        message.measurements.push_back({int64_t(at_ms), value, -1, field->second, true});
    }
    sort(message.measurements);
    return is_at_end(document);
}

/// What the births of the one node said, and its next number.
struct Node {
    std::unordered_map<uint64_t, string_view> aliases{{1, "Pressure"}, {2, "Flow"}, {3, "Temperature"}, {4, "Battery"}};
    int64_t next = 0;
    uint64_t missing = 0;
};

bool metrics(
    od::parser &parser, simdjson::padded_string_view payload, string_view topic, Message &message,
    std::unordered_map<std::string, Node> &nodes) {
    string_view captures[4];
    if (!matches(topic, "spBv1.0/+/+/+/+", captures) || captures[1] != "DDATA") return false;
    message.gateway.assign(captures[0]).append("/").append(captures[2]);
    Node &node = nodes[message.gateway];
    message.sensor.assign(message.gateway).append("/").append(captures[3]);
    if (!is_id(message.sensor)) return false;
    od::document document;
    od::object object;
    if (parser.iterate(payload).get(document) || document.get_object().get(object)) return false;
    int64_t time = 0, sequence = -1;
    const bool ok = members(object, [&](string_view name, od::value &each) {
        if (name == "timestamp") return !each.get_int64().get(time);
        if (name == "seq") return !each.get_int64().get(sequence);
        od::array all;
        if (name != "metrics") return check(each);
        if (each.get_array().get(all)) return false;
        for (auto one : all) {
            od::object metric;
            int64_t alias = -1, at = time, datatype = 0;
            double value = 0;
            if (one.get_object().get(metric)) return false;
            const bool ok = members(metric, [&](string_view name, od::value &each) {
                if (name == "alias") return !each.get_int64().get(alias);
                if (name == "timestamp") return !each.get_int64().get(at);
                if (name == "datatype") return !each.get_int64().get(datatype);
                if (name == "value") return !each.get_double().get(value);
                return check(each);
            });
            const auto known = node.aliases.find(uint64_t(alias));
            if (!ok || known == node.aliases.end()) return false;
            const auto field = fields().find(known->second);
            if (field == fields().end()) continue;
            if (field->second == PRESSURE) value *= 1000 / 9806.65;
            if (field->second == FLOW) value *= 3.6;
            if (!is_possible(value) || at < kEarliestMs || at >= kEndMs) return false;
            message.measurements.push_back({at, value, -1, field->second, true});
        }
        return true;
    });
    if (!ok || !is_at_end(document) || sequence < 0 || sequence > 255) return false;
    node.missing += uint64_t((sequence - node.next) & 255);
    node.next = (sequence + 1) & 255;
    sort(message.measurements);
    return true;
}

}  // namespace

extern "C" double creferences_decode_fully(
    creferences_message kind, const creferences_texts *payloads, const creferences_texts *topics, uint64_t count,
    uint64_t *readings) {
    od::parser parser;
    Message message;
    std::unordered_map<std::string, Node> nodes;
    uint64_t found = 0;
    double sum = 0;
    const auto start = std::chrono::steady_clock::now();
    for (uint64_t i = 0, at = 0; i < count; ++i, at = at + 1 == payloads->count ? 0 : at + 1) {
        const simdjson::padded_string_view payload(payloads->bytes + at * payloads->stride, payloads->lengths[at], payloads->stride);
        const string_view topic(reinterpret_cast<const char *>(topics->bytes) + at * topics->stride, topics->lengths[at]);
        message.measurements.clear();
        bool ok = false;
        switch (kind) {
        case CREFERENCES_FLAT: ok = flat(parser, payload, topic, message); break;
        case CREFERENCES_UPLINK: ok = uplink(parser, payload, topic, message); break;
        case CREFERENCES_RECORDS: ok = pack(parser, payload, topic, message); break;
        case CREFERENCES_METRICS: ok = metrics(parser, payload, topic, message, nodes); break;
        }
        if (!ok) return -1;
        found += message.measurements.size();
        sum += message.measurements.back().value;
    }
    *readings = found;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::isfinite(sum) ? seconds : -1;
}
