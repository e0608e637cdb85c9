/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of a container engine's API, as far as check-health asks: the
 * Docker Engine API 1.24 to 1.4x, which Podman speaks too
 * (https://docs.docker.com/reference/api/engine/, Podman 4 "compat" API).
 * Workers use it; the monitor never does.
 *
 * The questions come in this order, VERSION, INFO, IMAGES and CONTAINERS once,
 * the others about IDs that the report then holds:
 *
 *     VERSION     GET /version               which engine
 *     INFO        GET /info                  how it is set up
 *     IMAGES      GET /images/json           which images of the wishes it has
 *     CONTAINERS  GET /containers/json?all=1 which may be the app's
 *     IMAGE       GET /images/ID/json        an image's platform
 *     CONTAINER   GET /containers/ID/json    a container's health, and the name
 *                                            of the image it was started from
 *
 * An image belongs to a wish NAME if its repository is the wishes' base with
 * "-" or "/" and a name behind it that package-release would make NAME of; to
 * the unnamed one if it is the base itself.  Docker Hub's spellings are one. */
#ifndef CODEC_ENGINE_ANSWER_H
#define CODEC_ENGINE_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/engine_report.h"
#include "codec/json_read.h"

#define ENGINE_ANSWER_MAX JSON_READ_MAX /* bytes of any body */

enum engine_question {
	ENGINE_VERSION = 1,
	ENGINE_INFO,
	ENGINE_IMAGES,
	ENGINE_CONTAINERS,
	ENGINE_IMAGE,
	ENGINE_CONTAINER,
	ENGINE_QUESTIONS
};

/**
 * engine_answer_take - read one answer and add it to the report.
 * @wishes: engine_wishes_check holds.
 * @id:     what was asked about; used for IMAGE and CONTAINER.
 * @report: all zero before the first; afterwards engine_report_check holds,
 *          also after -1.
 *
 * Members that are not named here are passed over, as the API grows.  An ID
 * that the report does not hold is passed over, too.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the field, or
 * ERR_SYSTEM (memory).
 */
int engine_answer_take(const struct engine_wishes *wishes,
                       enum engine_question question,
                       const uint8_t id[ENGINE_ID_LEN], struct bytes body,
                       struct engine_report *report,
                       struct err *err) MUST_CHECK;

/**
 * engine_answer_gone - what was asked about is no more (status 404), as happens
 * between two questions.
 */
void engine_answer_gone(enum engine_question question,
                        const uint8_t id[ENGINE_ID_LEN],
                        struct engine_report *report);

/** engine_wish_of - the number of the wish to which an image of the reference
 * @reference belongs by its name, or ENGINE_NO_WISH. */
uint32_t engine_wish_of(const struct engine_wishes *wishes,
                        const char *reference);

#endif
