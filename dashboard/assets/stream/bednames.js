// What beds are called, as the hub told it last: staff know beds, not the ids of devices.

/** @type {Map<string, string>} */
const names = new Map(); // device -> what its bed is called

/**
 * Take on what the bed of a device is called.
 * @param {string} device
 * @param {string} name
 */
export function nameBed(device, name) {
  names.set(device, name);
}

/**
 * What a bed is called; one that the hub has not told of is called as its device.
 * @param {string} device
 * @returns {string}
 */
export function bedName(device) {
  return names.get(device) ?? device;
}
