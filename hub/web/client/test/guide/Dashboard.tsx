'use client';

import { useSocket, useDeviceStatus } from '../../hooks/index.js';

export default function Dashboard() {
  const { socket, isConnected } = useSocket();

  useDeviceStatus((data) => {
    console.log('Device update:', data);
    // Handle device status change
  });

  return (
    <div>
      <span>Socket: {isConnected ? 'Connected' : 'Disconnected'}</span>
    </div>
  );
}
