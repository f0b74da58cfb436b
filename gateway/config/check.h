/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What settings must be to each other, as far as their texts tell.
 *
 * After config/load.h, which knows each setting by itself. Not here: what
 * origins, public_urls and rules (policy), servers (upstream) and certificates
 * (tls) hold. Touches nothing outside: no file, no socket.
 */
#pragma once

struct config;
struct problems;

/* Adds what is wrong or doubtful. Takes incomplete configurations too. */
void config_check(const struct config *config, struct problems *problems);
