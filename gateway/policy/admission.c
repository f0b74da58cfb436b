/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/admission.h"

#include <string.h>

#include "policy/ascii.h"
#include "policy/host.h"
#include "policy/origin_list.h"
#include "policy/policy.h"
#include "policy/route.h"
#include "policy/subprotocol.h"

#define KEY_LEN 24
#define KEY_PADDING "=="

static enum close_reason check_upgrade(const struct header *upgrade)
{
	struct slice value = header_trim(upgrade->value);

	if (upgrade->presence == HEADER_ONE &&
	    ascii_same(value, slice_from_text("websocket")))
		return CLOSE_NONE;
	return CLOSE_BAD_REQUEST;
}

static enum close_reason
check_request_line(const struct handshake_request *request)
{
	if (!request->is_get)
		return CLOSE_BAD_METHOD;
	return request->is_http11 ? CLOSE_NONE : CLOSE_BAD_REQUEST;
}

static enum close_reason check_version(const struct header *version)
{
	switch (version->presence) {
	case HEADER_ONE:
		if (slice_is(header_trim(version->value), "13"))
			return CLOSE_NONE;
		return CLOSE_BAD_VERSION;
	case HEADER_ABSENT:
		return CLOSE_BAD_VERSION;
	case HEADER_REPEATED:
	case HEADER_UNREADABLE:
		break;
	}
	return CLOSE_BAD_REQUEST;
}

static bool is_base64(uint8_t octet)
{
	return ascii_is_alpha(octet) || ascii_is_digit(octet) || octet == '+' ||
	       octet == '/';
}

/* What the last figure holds besides the key's two bits is not looked at. */
static bool is_key(struct slice value)
{
	struct slice figures;

	if (value.len != KEY_LEN)
		return false;
	figures = slice_take(&value, KEY_LEN - strlen(KEY_PADDING));
	for (size_t i = 0; i < figures.len; i++) {
		if (!is_base64(figures.data[i]))
			return false;
	}
	return slice_is(value, KEY_PADDING);
}

static enum close_reason check_key(const struct header *key)
{
	if (key->presence == HEADER_ONE && is_key(header_trim(key->value)))
		return CLOSE_NONE;
	return CLOSE_BAD_REQUEST;
}

static bool is_zero(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] != '0')
			return false;
	}
	return value.len > 0;
}

static enum close_reason check_no_body(const struct handshake_request *request)
{
	const struct header *length = &request->content_length;
	bool is_empty = length->presence == HEADER_ABSENT ||
	                (length->presence == HEADER_ONE &&
	                 is_zero(header_trim(length->value)));

	if (is_empty && request->transfer_encoding.presence == HEADER_ABSENT)
		return CLOSE_NONE;
	return CLOSE_BAD_REQUEST;
}

/* Steps 1 to 5: is it a WebSocket handshake at all? */
static enum close_reason
check_handshake(const struct handshake_request *request)
{
	enum close_reason reason = check_upgrade(&request->upgrade);

	if (reason == CLOSE_NONE)
		reason = check_request_line(request);
	if (reason == CLOSE_NONE)
		reason = check_version(&request->version);
	if (reason == CLOSE_NONE)
		reason = check_key(&request->key);
	if (reason == CLOSE_NONE)
		reason = check_no_body(request);
	return reason;
}

static enum close_reason check_origin(const struct policy *policy,
                                      const struct policy_listener *listener,
                                      const struct policy_route *route,
                                      const struct handshake_request *request)
{
	size_t index = (size_t)(listener - policy->listeners);

	return origin_list_check(&route->origins[index], route->config->absent,
	                         request->has_token, &request->origin);
}

static enum close_reason
check_subprotocol(const struct config_route *route,
                  const struct handshake_request *request, struct slice *out)
{
	struct subprotocol_rule rule = {
		.known = &route->subprotocols,
		.may_be_none = route->kind != CONFIG_KIND_MQTT,
		.may_be_any = route->kind == CONFIG_KIND_CHANNEL,
	};

	return subprotocol_choose(&rule, &request->subprotocols, out);
}

struct admission policy_admit(const struct policy *policy,
                              const struct policy_listener *listener,
                              const struct handshake_request *request)
{
	struct admission admission = { .reason = check_handshake(request) };

	if (admission.reason == CLOSE_NONE)
		admission.reason = host_check(&listener->hosts, &request->host);
	if (admission.reason != CLOSE_NONE)
		return admission;
	admission.route = route_find(policy, request->path);
	if (!admission.route) {
		admission.reason = CLOSE_NO_ROUTE;
		return admission;
	}
	admission.reason =
	    check_origin(policy, listener, admission.route, request);
	if (admission.reason == CLOSE_NONE)
		admission.reason = check_subprotocol(
		    admission.route->config, request, &admission.subprotocol);
	return admission;
}

enum close_reason policy_refuse_plain(const struct policy *policy,
                                      const struct policy_listener *listener,
                                      const struct handshake_request *request)
{
	enum close_reason reason = check_request_line(request);

	if (reason == CLOSE_NONE)
		reason = host_check(&listener->hosts, &request->host);
	if (reason != CLOSE_NONE)
		return reason;
	return route_find(policy, request->path) ? CLOSE_BAD_VERSION
	                                         : CLOSE_NO_ROUTE;
}
