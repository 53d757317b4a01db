import { nearest } from "../../nearest.ts";

/** The words that regions are named with (https://cloud.google.com/compute/docs/regions-zones#available). */
const areas = ["africa", "asia", "australia", "europe", "me", "northamerica", "southamerica", "us"];
const directions = [
  ...["central", "east", "north", "south", "west"],
  ...["northeast", "northwest", "southeast", "southwest"],
];

const form = /^(?<area>[a-z]{1,16})-(?<direction>[a-z]{1,16})-?(?<number>\d{1,2})(?:-[a-z])?$/;

/**
 * Returns the region that is meant by a zone, by a region with a hyphen before its number as AWS writes it, or by a misspelt
 * one; undefined for any other text: a region can be newer than this list, and other universes have names of their own.
 */
export function regionMeant(location: string): string | undefined {
  const { area = "", direction = "", number } = form.exec(location)?.groups ?? {};
  if (number === undefined) return undefined;
  // One letter makes another word of a short one.
  const meantArea = area.length < 4 ? areas.find((known) => known === area) : nearest(area, areas);
  const meantDirection = nearest(direction, directions);
  if (meantArea === undefined || meantDirection === undefined) return undefined;
  const meant = `${meantArea}-${meantDirection}${number}`;
  return meant === location ? undefined : meant;
}
