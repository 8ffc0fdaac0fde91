// SluiceJournal: a mosquitto plugin that keeps each QoS 1 and 2 publish in a journal before the broker acknowledges it.
//
// mosquitto calls MOSQ_EVT_MESSAGE after the access check and before the acknowledgement (2.0.11, src/handle_publish.c).
// An error other than MOSQ_ERR_ACL_DENIED disconnects the publisher without one, so that it keeps its message; with
// MOSQ_ERR_UNKNOWN one that speaks MQTT 5 is told “unspecified error” first.
// Options, all as plugin_opt_NAME: see deploy/broker/mosquitto-journal.conf.
#define _GNU_SOURCE

#if !__has_include(<mosquitto_plugin.h>)
#error "install mosquitto-dev (Debian): it brings mosquitto_plugin.h, which the SluiceJournal plugin needs"
#endif

#include <errno.h>
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "SluiceJournal.h"
#include "journal.h"

#define MOST_TOPICS 64
#define REFUSAL_LOG_INTERVAL_S 10

struct plugin {
    mosquitto_plugin_id_t *identifier;
    struct journal *journal;
    // Topic filters, copied: a reload frees the options. With none, every topic is kept.
    char *topics[MOST_TOPICS];
    int topic_count;
    time_t refusal_logged_at;
    unsigned long refused;
};

static void free_plugin(struct plugin *plugin) {
    for (int index = 0; index < plugin->topic_count; index++) free(plugin->topics[index]);
    free(plugin);
}

// MARK: - Options

static void problem(const char *key, const char *sentence, const char *found) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "sluice journal: plugin_opt_%s %s, found “%s”", key, sentence, found);
}

static bool read_number(const struct mosquitto_opt *option, uint64_t least, uint64_t most, uint64_t *number) {
    char *rest = NULL;
    errno = 0;
    unsigned long long value = strtoull(option->value, &rest, 10);
    bool is_number = errno == 0 && rest != option->value && *rest == 0 && option->value[0] != '-';
    if (is_number && value >= least && value <= most) {
        *number = value;
        return true;
    }
    char sentence[80];
    snprintf(
        sentence, sizeof sentence, "must be a whole number, %llu–%llu", (unsigned long long)least,
        (unsigned long long)most);
    problem(option->key, sentence, option->value);
    return false;
}

static bool read_option(struct plugin *plugin, struct journal_settings *settings, const struct mosquitto_opt *option) {
    uint64_t number = 0;
    if (strcmp(option->key, "journal_directory") == 0) {
        if (option->value[0] == '/' && strlen(option->value) < sizeof settings->directory) {
            strcpy(settings->directory, option->value);
            return true;
        }
        problem(option->key, "must be an absolute path of less than 512 bytes", option->value);
    } else if (strcmp(option->key, "journal_segment_bytes") == 0) {
        return read_number(option, 4096, 1ull << 32, &settings->segment_bytes);
    } else if (strcmp(option->key, "journal_max_bytes") == 0) {
        return read_number(option, 8192, 1ull << 50, &settings->max_bytes);
    } else if (strcmp(option->key, "journal_sync") == 0) {
        settings->syncs_each = strcmp(option->value, "always") == 0;
        if (settings->syncs_each || strcmp(option->value, "interval") == 0) return true;
        problem(option->key, "must be “interval” or “always”", option->value);
    } else if (strcmp(option->key, "journal_sync_interval_ms") == 0) {
        if (!read_number(option, 1, 60000, &number)) return false;
        settings->sync_interval_ms = (unsigned)number;
        return true;
    } else if (strcmp(option->key, "journal_topic") == 0) {
        if (mosquitto_sub_topic_check(option->value) == MOSQ_ERR_SUCCESS && plugin->topic_count < MOST_TOPICS) {
            plugin->topics[plugin->topic_count] = strdup(option->value);
            if (plugin->topics[plugin->topic_count] == NULL) return false;
            plugin->topic_count++;
            return true;
        }
        problem(option->key, "must be a topic filter, and there may be 64 of them", option->value);
    } else {
        problem(option->key, "is not an option of this plugin", option->value);
    }
    return false;
}

static bool read_options(
    struct plugin *plugin, struct journal_settings *settings, struct mosquitto_opt *options, int count) {
    *settings = (struct journal_settings){
        .segment_bytes = 64ull << 20, .max_bytes = 1ull << 30, .sync_interval_ms = 10};
    bool is_good = true;
    // All of them, so that the operator edits the file once.
    for (int index = 0; index < count; index++) is_good &= read_option(plugin, settings, &options[index]);
    if (!is_good) return false;
    if (settings->directory[0] == 0) {
        problem("journal_directory", "must say where the journal stands", "nothing");
        return false;
    }
    if (settings->max_bytes / 2 < settings->segment_bytes) {
        mosquitto_log_printf(
            MOSQ_LOG_ERR, "sluice journal: plugin_opt_journal_max_bytes must be at least twice "
            "plugin_opt_journal_segment_bytes");
        return false;
    }
    return true;
}

// MARK: - Messages

static bool is_kept(const struct plugin *plugin, const struct mosquitto_evt_message *event) {
    if (event->qos == 0 || event->topic[0] == '$') return false;
    if (plugin->topic_count == 0) return true;
    for (int index = 0; index < plugin->topic_count; index++) {
        bool matches = false;
        if (mosquitto_topic_matches_sub(plugin->topics[index], event->topic, &matches) == MOSQ_ERR_SUCCESS && matches)
            return true;
    }
    return false;
}

// A full disk refuses every publish of every sensor: a line now and then says it, with their number.
static void log_refusal(struct plugin *plugin, int error) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    plugin->refused++;
    if (plugin->refusal_logged_at != 0 && now.tv_sec - plugin->refusal_logged_at < REFUSAL_LOG_INTERVAL_S) return;
    plugin->refusal_logged_at = now.tv_sec;
    mosquitto_log_printf(
        MOSQ_LOG_ERR, "sluice journal: can't write: %s. Publishers are disconnected without an acknowledgement and keep "
        "their messages; %lu refused since the start", strerror(error), plugin->refused);
}

static int on_message(int event_type, void *event_data, void *context) {
    (void)event_type;
    struct plugin *plugin = context;
    const struct mosquitto_evt_message *event = event_data;
    if (!is_kept(plugin, event)) return MOSQ_ERR_SUCCESS;
    const struct journal_message message = {
        .topic = event->topic,
        .topic_length = (uint16_t)strlen(event->topic),
        .payload = event->payload,
        .payload_length = event->payloadlen,
        .qos = event->qos,
        .is_retained = event->retain};
    int error = journal_append(plugin->journal, &message);
    if (error == 0) return MOSQ_ERR_SUCCESS;
    log_refusal(plugin, error);
    return MOSQ_ERR_UNKNOWN;
}

// MARK: - Mosquitto's entry points

int mosquitto_plugin_version(int supported_version_count, const int *supported_versions) {
    for (int index = 0; index < supported_version_count; index++)
        if (supported_versions[index] == MOSQ_PLUGIN_VERSION) return MOSQ_PLUGIN_VERSION;
    return -1;
}

int mosquitto_plugin_init(
    mosquitto_plugin_id_t *identifier, void **user_data, struct mosquitto_opt *options, int option_count) {
    struct plugin *plugin = calloc(1, sizeof *plugin);
    if (plugin == NULL) return MOSQ_ERR_NOMEM;
    struct journal_settings settings;
    if (!read_options(plugin, &settings, options, option_count)) {
        free_plugin(plugin);
        return MOSQ_ERR_INVAL;
    }
    char problem[700];
    plugin->journal = journal_open(&settings, problem, sizeof problem);
    if (plugin->journal == NULL) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "sluice journal: can't open %s", problem);
        free_plugin(plugin);
        return MOSQ_ERR_UNKNOWN;
    }
    plugin->identifier = identifier;
    *user_data = plugin;
    mosquitto_log_printf(
        MOSQ_LOG_NOTICE, "sluice journal: writing to %s, %s", settings.directory,
        settings.syncs_each ? "on disk before each acknowledgement" : "on disk soon after each acknowledgement");
    int result = mosquitto_callback_register(identifier, MOSQ_EVT_MESSAGE, on_message, NULL, plugin);
    if (result != MOSQ_ERR_SUCCESS) {
        journal_close(plugin->journal);
        free_plugin(plugin);
    }
    return result;
}

int mosquitto_plugin_cleanup(void *user_data, struct mosquitto_opt *options, int option_count) {
    (void)options, (void)option_count;
    struct plugin *plugin = user_data;
    if (plugin == NULL) return MOSQ_ERR_SUCCESS;
    mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_MESSAGE, on_message, NULL);
    journal_close(plugin->journal);
    free_plugin(plugin);
    return MOSQ_ERR_SUCCESS;
}
