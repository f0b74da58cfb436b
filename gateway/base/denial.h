/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rights are asked for: the one list of words for a refusal of a single
 * packet, in log and metrics. Why a session ends is base/close.h's.
 */
#pragma once

enum denial {
	DENIAL_PUBLISH = 0,
	DENIAL_SUBSCRIBE,
	DENIAL_DELIVER,
	DENIAL_WILL,
	DENIAL_RESPONSE, /* a Response Topic [MQTT5 3.3.2.3.5] */
	DENIALS,         /* how many there are */
};

/* The word for it. */
const char *denial_word(enum denial denial);
